import { createRequire } from 'node:module'
import { Worker } from 'node:worker_threads'

/** One run of a prepared statement: which one, and what it is given. */
export type Call = readonly [statement: number, ...params: (string | number | null)[]]

export interface SqliteThreadOptions {
  /** A database that is there already, with its whole path: another thread may stand in another directory. */
  readonly file: string
  /** The texts of the statements. A call names one by its place in here. */
  readonly sql: readonly string[]
  /** How long a batch waits for another program that has the database locked. */
  readonly lockedMs: number
}

type Answer = { readonly id: number; readonly error?: { readonly message: string; readonly code: unknown } }

// A disk that has not answered by then may never do.
const closeMs = 5_000

/*
 * As text, because a thread needs JavaScript, and this file is TypeScript while it is tested. It knows nothing of
 * presence. The log is carried over into the database whenever SQLite thinks that it has grown enough.
 */
const code = `
const { statSync } = require('node:fs')
const { parentPort, workerData: { modulePath, file, sql, lockedMs } } = require('node:worker_threads')
const Database = require(modulePath)

const said = (error) => ({ message: String(error?.message ?? error), code: error?.code })
// Errors of better-sqlite3 are not real ones: those that end a thread would arrive without what they say.
const really = (work) => {
  try {
    return work()
  } catch (error) {
    throw Object.assign(new Error(), said(error))
  }
}

const database = really(() => new Database(file, { fileMustExist: true, timeout: lockedMs }))
const statements = really(() => {
  database.pragma('synchronous = NORMAL')
  return sql.map((text) => database.prepare(text))
})
// Written to a file that is no more where it was, all would seem well, and the next start would find none of it. SQLite
// itself looks only before it makes a rollback journal, and with a WAL never; so we do, and say it by SQLite's own code.
const place = () => {
  const found = statSync(file, { bigint: true, throwIfNoEntry: false })
  return found && found.dev + ' ' + found.ino
}
const opened = really(place)
const checkPlace = () => {
  if (place() === opened) return
  const sentence = 'The database file was moved, deleted or replaced. Put it back, or restart the server.'
  throw Object.assign(new Error(sentence), { code: 'SQLITE_READONLY_DBMOVED' })
}
const run = database.transaction((calls) => {
  for (const [statement, ...params] of calls) statements[statement].run(...params)
})
parentPort.on('message', ({ id, calls }) => {
  if (!calls) {
    really(() => database.close())
    parentPort.close()
    return
  }
  try {
    checkPlace()
    run.immediate(calls)
    parentPort.postMessage({ id })
  } catch (error) {
    parentPort.postMessage({ id, error: said(error) })
  }
})
`

/**
 * Runs statements in a thread of its own, because SQLite waits for the disk, and the loop must not
 * (docs/decisions/0008-hot-path.md). A thread that ends by itself is followed by another one at the next batch. It does
 * not keep the process alive.
 */
export class SqliteThread {
  readonly #options: SqliteThreadOptions
  readonly #waiting = new Map<number, { readonly resolve: () => void; readonly reject: (error: Error) => void }>()
  #worker: Worker
  #hasEnded = false
  #isClosing = false
  #calls = 0
  #onEnd: ((error: Error | undefined) => void) | undefined

  constructor(options: SqliteThreadOptions) {
    this.#options = options
    this.#worker = this.#start()
  }

  /** Runs all of the calls in one transaction, after those before; rejects when none of them is done. */
  run(calls: readonly Call[]): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#isClosing) throw new Error('The thread is closed.')
      if (this.#hasEnded) this.#worker = this.#start()
      const id = ++this.#calls
      // Copied as it is: one JSON text takes this thread twice as long.
      this.#worker.postMessage({ id, calls })
      this.#waiting.set(id, { resolve, reject })
    })
  }

  /** Ends the thread once it has done what it was given, and closed the database. */
  close(): Promise<void> {
    this.#isClosing = true
    if (this.#hasEnded) return Promise.resolve()
    const worker = this.#worker
    worker.postMessage({})
    return new Promise((resolve, reject) => {
      // This timer keeps the process alive until then, so that the thread need not. The thread is left to itself, never
      // terminated: if it is in the middle of a statement, better-sqlite3 can take the whole process down (its issue 842).
      const timer = setTimeout(() => reject(new Error(`SQLite's thread has not ended within ${closeMs} ms.`)), closeMs)
      this.#onEnd = (error) => {
        clearTimeout(timer)
        if (error) reject(error)
        else resolve()
      }
    })
  }

  #start(): Worker {
    const modulePath = createRequire(import.meta.url).resolve('better-sqlite3')
    // Flags for this program, such as a loader or how to read code, are not for that one.
    const worker = new Worker(code, { eval: true, execArgv: [], workerData: { modulePath, ...this.#options } })
    this.#hasEnded = false
    let failure: Error | undefined
    worker.on('message', (answer: Answer) => this.#answered(answer))
    worker.on('error', (error) => (failure = error))
    worker.on('exit', (exitCode) => {
      // Terminated from elsewhere before it had begun, it says 0, too.
      const isDone = exitCode === 0 && this.#isClosing && this.#waiting.size === 0
      const error = isDone ? undefined : (failure ?? new Error(`SQLite's thread has ended (${exitCode}).`))
      this.#hasEnded = true
      if (error) this.#lost(error)
      this.#onEnd?.(error)
    })
    // Only now: listening to it makes it count again.
    worker.unref()
    return worker
  }

  #answered({ id, error }: Answer): void {
    const waiting = this.#waiting.get(id)
    this.#waiting.delete(id)
    if (error) waiting?.reject(Object.assign(new Error(error.message), { code: error.code }))
    else waiting?.resolve()
  }

  /** What was under way may be done or not; its answer is lost. */
  #lost(error: Error): void {
    const waiting = [...this.#waiting.values()]
    this.#waiting.clear()
    for (const { reject } of waiting) reject(error)
    if (waiting.length === 0 && !this.#isClosing)
      process.emitWarning(`SQLite's thread ended, and is started again: ${error.message}`, 'PresenceWarning')
  }
}
