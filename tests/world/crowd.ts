import { fork, type ChildProcess } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** Milliseconds by the clock that all processes of this machine share; it never jumps. */
export function sharedNowMs(): number {
  return Number(process.hrtime.bigint()) / 1e6
}

/** What one of a crowd saw, and when. */
export type CrowdEvent =
  | readonly [atMs: number, index: number, what: 'is', clientId: number]
  | readonly [atMs: number, index: number, what: 'status', status: string]
  | readonly [atMs: number, index: number, what: 'room', room: string, status: string]
  | readonly [
      atMs: number,
      index: number,
      what: 'change',
      room: string,
      heard: readonly (readonly [clientId: number, data: unknown])[],
      left: readonly (readonly [clientId: number, reason: string])[],
    ]
  | readonly [atMs: number, index: number, what: 'error', code: string, message: string]
  | readonly [atMs: number, index: number, what: 'now', serverMs: number]
  | readonly [atMs: number, index: number, what: 'entries', room: string, entries: readonly CrowdEntry[]]

/** Somebody joined, changed or left, as one of a crowd saw it. */
export type Change = CrowdEvent & { readonly 2: 'change' }

/** What something was from a moment on. */
export type StatusAt = readonly [atMs: number, status: string]

export interface CrowdEntry {
  readonly clientId: number
  readonly data: unknown
  readonly expiresAtMs: number
}

export interface CrowdOptions {
  /** How wrong the system's clock is in the crowd's process. */
  readonly shiftMs?: number
  /** Whether it tells of data that changed, and not only of who comes and goes. Default: yes. */
  readonly hearsUpdates?: boolean
}

/** Somebody waits for what a crowd tells. */
interface Wait {
  look(event: CrowdEvent): void
  fail(why: string): void
}

const program = fileURLToPath(new URL('crowd-process.mjs', import.meta.url))

/** Clients in a process of their own. Ended by who started it. */
export class Crowd {
  /** All that they have told, in the order in which it came. */
  readonly events: CrowdEvent[] = []
  readonly #child: ChildProcess
  readonly #people: Person[] = []
  readonly #waiting = new Set<Wait>()
  #isKilled = false
  /** Why it can tell nothing any more, if nobody meant it to end. */
  #failure: string | undefined

  private constructor({ shiftMs = 0, hearsUpdates = true }: CrowdOptions) {
    this.#child = fork(program, [JSON.stringify({ shiftMs, hearsUpdates })], { execArgv: [] })
    this.#child.on('message', ({ events }: { events: readonly CrowdEvent[] }) => {
      for (const event of events) this.#hear(event)
    })
    this.#child.once('exit', (code, signal) => this.#fail(`The crowd ended with ${code ?? signal}`))
  }

  static async start(options: CrowdOptions = {}): Promise<Crowd> {
    const crowd = new Crowd(options)
    await new Promise<void>((resolve, reject) => {
      crowd.#child.once('message', () => resolve())
      crowd.#child.once('exit', (code, signal) => reject(new Error(`The crowd ended with ${code ?? signal}.`)))
    })
    return crowd
  }

  /** One more comes; resolves when it is known who that is. It connects when it is first in a room. */
  async come(url: string, user?: string): Promise<Person> {
    const person = new Person(this, this.#people.length)
    this.#people.push(person)
    this.tell('come', person.index, { url, user })
    await this.until(() => person.clientId !== 0, 5_000, 'has come')
    return person
  }

  tell(name: string, index: number, options: object = {}): void {
    this.#child.send([name, index, options], (error) => {
      if (error) this.#fail(`The crowd cannot be told anything (${error.message})`)
    })
  }

  /** The system's clock of the whole process jumps. */
  shiftClock(ms: number): void {
    this.tell('shift', 0, { ms })
  }

  /**
   * Resolves with the moment at which it came to be so, by the clock that all share; rejects when it does not in time, or
   * cannot, because the process has ended by itself.
   */
  until(isSo: () => boolean, withinMs: number, what: string): Promise<number> {
    if (isSo()) return Promise.resolve(sharedNowMs())
    return new Promise((resolve, reject) => {
      const end = (): void => {
        clearTimeout(late)
        this.#waiting.delete(wait)
      }
      const wait: Wait = {
        look: (event) => {
          if (!isSo()) return
          end()
          resolve(event[0])
        },
        fail: (why) => {
          end()
          const last = this.events
            .slice(-12)
            .map((event) => JSON.stringify(event))
            .join('\n')
          reject(new Error(`${why}: ${what}. What was told last:\n${last}`))
        },
      }
      const late = setTimeout(() => wait.fail(`Not within ${withinMs} ms`), withinMs)
      this.#waiting.add(wait)
      if (this.#failure !== undefined) wait.fail(this.#failure)
    })
  }

  pause(): void {
    this.#child.kill('SIGSTOP')
  }

  resume(): void {
    this.#child.kill('SIGCONT')
  }

  /** The process is gone, and none of its clients could say goodbye. */
  kill(): void {
    this.#isKilled = true
    this.#child.kill('SIGKILL')
  }

  #fail(why: string): void {
    // Whoever is killed ends, and what it is told goes nowhere.
    if (this.#isKilled) return
    this.#failure ??= why
    for (const wait of this.#waiting) wait.fail(this.#failure)
  }

  #hear(event: CrowdEvent): void {
    this.events.push(event)
    this.#people[event[1]]?.hear(event)
    for (const wait of this.#waiting) wait.look(event)
  }
}

/** A room, as far as one of a crowd has told of it. */
interface SeenRoom {
  readonly statuses: StatusAt[]
  readonly entries: Map<number, unknown>
  readonly changes: Change[]
  looked: readonly CrowdEntry[] | undefined
}

/** One of a crowd, as far as it has told what it does and sees. */
export class Person {
  readonly index: number
  clientId = 0
  /** What its connection was, and when. */
  readonly statuses: StatusAt[] = []
  readonly errors: string[] = []
  readonly crowd: Crowd
  readonly #rooms = new Map<string, SeenRoom>()
  #clockMs: number | undefined

  constructor(crowd: Crowd, index: number) {
    this.crowd = crowd
    this.index = index
  }

  get status(): string {
    return this.statuses.at(-1)?.[1] ?? 'idle'
  }

  /** Who is in the room, as this one sees it: data by `clientId`. */
  sees(room: string): ReadonlyMap<number, unknown> {
    return this.#room(room).entries
  }

  roomStatus(room: string): string {
    return this.#room(room).statuses.at(-1)?.[1] ?? 'loading'
  }

  roomStatuses(room: string): readonly StatusAt[] {
    return this.#room(room).statuses
  }

  /** What this one saw of a room, from a moment on. */
  changes(room: string, sinceMs = 0): readonly Change[] {
    const { changes } = this.#room(room)
    let count = 0
    // From the end, because those who wait ask again and again for what is new.
    while ((changes.at(-count - 1)?.[0] ?? -1) >= sinceMs) count++
    return changes.slice(changes.length - count)
  }

  listen(room: string): void {
    this.crowd.tell('listen', this.index, { room })
  }

  track(room: string, data: unknown, ttlMs?: number): void {
    this.crowd.tell('track', this.index, { room, data, ttlMs })
  }

  update(room: string, data: unknown): void {
    this.crowd.tell('update', this.index, { room, data })
  }

  stop(room: string): void {
    this.crowd.tell('stop', this.index, { room })
  }

  heartbeat(room: string, data: unknown, ttlMs: number): void {
    this.crowd.tell('heartbeat', this.index, { room, data, ttlMs })
  }

  leave(room: string): void {
    this.crowd.tell('leave', this.index, { room })
  }

  close(): void {
    this.crowd.tell('close', this.index)
  }

  /** The entries of a room, as this one has them now. */
  async look(room: string): Promise<readonly CrowdEntry[]> {
    const seen = this.#room(room)
    seen.looked = undefined
    this.crowd.tell('look', this.index, { room })
    await this.crowd.until(() => seen.looked !== undefined, 10_000, `${this.index} looks into ${room}`)
    return seen.looked ?? []
  }

  /** What this one believes the server's clock to be beyond the clock that all share. */
  async clock(): Promise<number> {
    this.#clockMs = undefined
    this.crowd.tell('now', this.index)
    await this.crowd.until(() => this.#clockMs !== undefined, 10_000, `${this.index} tells the time`)
    return this.#clockMs ?? Number.NaN
  }

  hear(event: CrowdEvent): void {
    switch (event[2]) {
      case 'is':
        this.clientId = event[3]
        break
      case 'status':
        this.statuses.push([event[0], event[3]])
        break
      case 'room':
        this.#room(event[3]).statuses.push([event[0], event[4]])
        break
      case 'change': {
        const { entries, changes } = this.#room(event[3])
        changes.push(event)
        for (const [clientId] of event[5]) entries.delete(clientId)
        for (const [clientId, data] of event[4]) entries.set(clientId, data)
        break
      }
      case 'error':
        this.errors.push(event[3])
        break
      case 'now':
        this.#clockMs = event[3] - event[0]
        break
      case 'entries':
        this.#room(event[3]).looked = event[4]
        break
      default:
        break
    }
  }

  /** Resolves with the moment at which this one saw the client in the room. */
  meets(room: string, { clientId }: Person, withinMs: number): Promise<number> {
    return this.crowd.until(() => this.sees(room).has(clientId), withinMs, `${this.index} sees ${clientId} in ${room}`)
  }

  /** Resolves with the moment at which this one saw the client in the room no more. */
  misses(room: string, { clientId }: Person, withinMs: number): Promise<number> {
    return this.crowd.until(
      () => !this.sees(room).has(clientId),
      withinMs,
      `${this.index} misses ${clientId} in ${room}`,
    )
  }

  #room(room: string): SeenRoom {
    let found = this.#rooms.get(room)
    if (!found) {
      found = { statuses: [], entries: new Map(), changes: [], looked: undefined }
      this.#rooms.set(room, found)
    }
    return found
  }
}
