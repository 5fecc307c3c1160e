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

const program = fileURLToPath(new URL('crowd-process.mjs', import.meta.url))

/** Clients in a process of their own. Ended by who started it. */
export class Crowd {
  /** All that they have told, in the order in which it came. */
  readonly events: CrowdEvent[] = []
  readonly #child: ChildProcess
  readonly #people: Person[] = []
  readonly #waiting = new Set<(event: CrowdEvent | undefined) => void>()

  private constructor({ shiftMs = 0, hearsUpdates = true }: CrowdOptions) {
    this.#child = fork(program, [JSON.stringify({ shiftMs, hearsUpdates })], { execArgv: [] })
    this.#child.on('message', ({ events }: { events: readonly CrowdEvent[] }) => {
      for (const event of events) this.#hear(event)
    })
  }

  static async start(options: CrowdOptions = {}): Promise<Crowd> {
    const crowd = new Crowd(options)
    await new Promise<void>((resolve, reject) => {
      crowd.#child.once('message', () => resolve())
      crowd.#child.once('exit', (code, signal) => reject(new Error(`The crowd ended with ${code ?? signal}.`)))
    })
    return crowd
  }

  get people(): readonly Person[] {
    return this.#people
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
    this.#child.send([name, index, options])
  }

  /** The system's clock of the whole process jumps. */
  shiftClock(ms: number): void {
    this.tell('shift', 0, { ms })
  }

  /** Resolves with the moment at which it came to be so, by the clock that all share; rejects when it does not in time. */
  until(isSo: () => boolean, withinMs: number, what: string): Promise<number> {
    if (isSo()) return Promise.resolve(sharedNowMs())
    return new Promise((resolve, reject) => {
      const look = (event: CrowdEvent | undefined): void => {
        if (!isSo()) return
        clearTimeout(late)
        this.#waiting.delete(look)
        resolve(event?.[0] ?? sharedNowMs())
      }
      const late = setTimeout(() => {
        this.#waiting.delete(look)
        const last = this.events
          .slice(-12)
          .map((event) => JSON.stringify(event))
          .join('\n')
        reject(new Error(`Not within ${withinMs} ms: ${what}. What was told last:\n${last}`))
      }, withinMs)
      this.#waiting.add(look)
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
    this.#child.kill('SIGKILL')
  }

  #hear(event: CrowdEvent): void {
    this.events.push(event)
    this.#people[event[1]]?.hear(event)
    for (const look of this.#waiting) look(event)
  }
}

/** One of a crowd, as far as it has told what it does and sees. */
export class Person {
  readonly index: number
  clientId = 0
  status = 'idle'
  readonly errors: string[] = []
  readonly crowd: Crowd
  readonly #rooms = new Map<string, { status: string; readonly entries: Map<number, unknown> }>()

  constructor(crowd: Crowd, index: number) {
    this.crowd = crowd
    this.index = index
  }

  /** Who is in the room, as this one sees it: data by `clientId`. */
  sees(room: string): ReadonlyMap<number, unknown> {
    return this.#room(room).entries
  }

  roomStatus(room: string): string {
    return this.#room(room).status
  }

  /** What this one saw of a room, from a moment on. */
  changes(room: string, sinceMs = 0): readonly (CrowdEvent & { readonly 2: 'change' })[] {
    return this.crowd.events.filter(
      (event): event is CrowdEvent & { readonly 2: 'change' } =>
        event[0] >= sinceMs && event[1] === this.index && event[2] === 'change' && event[3] === room,
    )
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
    const from = this.crowd.events.length
    this.crowd.tell('look', this.index, { room })
    const answer = (): (CrowdEvent & { readonly 2: 'entries' }) | undefined =>
      this.crowd.events
        .slice(from)
        .find(
          (event): event is CrowdEvent & { readonly 2: 'entries' } => event[1] === this.index && event[2] === 'entries',
        )
    await this.crowd.until(() => answer() !== undefined, 10_000, `${this.index} looks into ${room}`)
    return answer()?.[4] ?? []
  }

  hear(event: CrowdEvent): void {
    switch (event[2]) {
      case 'is':
        this.clientId = event[3]
        break
      case 'status':
        this.status = event[3]
        break
      case 'room':
        this.#room(event[3]).status = event[4]
        break
      case 'change': {
        const { entries } = this.#room(event[3])
        for (const [clientId] of event[5]) entries.delete(clientId)
        for (const [clientId, data] of event[4]) entries.set(clientId, data)
        break
      }
      case 'error':
        this.errors.push(event[3])
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

  #room(room: string): { status: string; readonly entries: Map<number, unknown> } {
    let found = this.#rooms.get(room)
    if (!found) {
      found = { status: 'loading', entries: new Map() }
      this.#rooms.set(room, found)
    }
    return found
  }
}
