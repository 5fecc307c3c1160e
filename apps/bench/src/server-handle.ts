import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { askCpuTime, type CpuTime } from './cpu-meter.ts'
import type { PeerName } from './peers/names.ts'
import { startPinned } from './pinned.ts'

export type Question = 'start' | 'end' | 'memory' | 'close'
export type Answer = Readonly<Record<string, number>>

/** A peer's server in a process of its own, as the generator sees it. */
export interface ServerHandle {
  readonly port: number
  /** Its CPU time so far, also while its loop is stuck. */
  cpuTime(): Promise<CpuTime>
  /** What the server's loop has to say; `undefined` when it is too busy to say it. */
  ask(question: Question, patienceMs?: number): Promise<Answer | undefined>
  /** Ends it without ceremony. */
  kill(): Promise<void>
}

// A loop that does not come round for so long is drowned, and its answer would be worth nothing.
const patienceDefaultMs = 500

/** A folder that lives as long as `run`. */
export async function withFolder<T>(run: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'presence-bench-'))
  try {
    return await run(folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

let meters = 0

export async function startServer(
  peer: PeerName,
  { port = 0, folder }: { readonly port?: number; readonly folder: string },
): Promise<ServerHandle> {
  const meterPath = join(folder, `meter-${++meters}.sock`)
  const file = new URL('./server-process.js', import.meta.url)
  const child = startPinned(0, file, [peer, String(port), folder, meterPath], ['--expose-gc'])
  const ended = once(child, 'exit')
  const waiting = new Map<number, (answer: Answer) => void>()
  let lastId = 0
  const answerTo = (id: number): Promise<Answer> => new Promise((resolve) => waiting.set(id, resolve))
  child.on('message', ({ id, value }: { id: number; value: Answer }) => {
    waiting.get(id)?.(value)
    waiting.delete(id)
  })
  const ready = await Promise.race([
    answerTo(0),
    ended.then(([code]) => Promise.reject(new Error(`The server of ${peer} ended with ${code}.`))),
  ])
  return {
    port: ready['port'] ?? 0,
    cpuTime: () => askCpuTime(meterPath),
    ask(question, patienceMs = patienceDefaultMs) {
      const id = ++lastId
      const answer = answerTo(id)
      child.send({ id, question })
      return Promise.race([
        answer,
        new Promise<undefined>((resolve) => void setTimeout(() => resolve(undefined), patienceMs).unref()),
      ])
    },
    async kill() {
      child.kill('SIGKILL')
      await ended
    },
  }
}

/** Runs with a fresh server, which is gone afterwards. */
export async function withServer<T>(peer: PeerName, run: (server: ServerHandle) => Promise<T>): Promise<T> {
  return withFolder(async (folder) => {
    const server = await startServer(peer, { folder })
    try {
      return await run(server)
    } finally {
      await server.kill()
    }
  })
}
