import { setTimeout as sleep } from 'node:timers/promises'
import { randomFrom } from '@app/testkit'
import { TcpProxy } from '@app/testkit/tcp-proxy'
import { Crowd, sharedNowMs, type Person } from './crowd.ts'
import { Layers, Span, type Interval, type Intervals } from './intervals.ts'
import type { RealServer } from './real-server.ts'
import { settings } from './scale.ts'
import type { Life, Story } from './story.ts'

export interface TroubleOptions {
  readonly server: RealServer
  readonly seed: number
  readonly clients: number
  readonly rooms: number
  readonly processes: number
  /** How long the trouble lasts. */
  readonly troubleMs: number
  /** What the server's config file says beside how it restarts. */
  readonly config?: Readonly<Record<string, unknown>>
  /** How many come meanwhile for a while, every minute. Default: nobody. */
  readonly visitorsPerMinute?: number
}

/** Somebody in the story, and what becomes of them. */
export interface Actor {
  readonly person: Person
  readonly crowd: Crowd
  readonly room: string
  readonly proxy: TcpProxy
  /** When they had an entry, or wished to have one. */
  readonly here: Span
  /** When their network or their process was in trouble. */
  readonly spoiled: Layers
  data: number
  isGone: boolean
}

const mishaps = ['cut', 'outage', 'black hole', 'slow network', 'half-closed', 'leave', 'update'] as const
// In a hundred mishaps.
const weights: Readonly<Record<(typeof mishaps)[number], number>> = {
  ...{ cut: 25, outage: 15, 'black hole': 15, 'slow network': 10, 'half-closed': 5, leave: 10, update: 20 },
}

/** One thing that happens to one client, if they are there and nothing else happens to them. */
interface Mishap {
  readonly atMs: number
  readonly actor: number
  readonly what: (typeof mishaps)[number]
  /** How bad it is, from 0 to 1. */
  readonly badness: number
  readonly way: 'up' | 'down'
}

/** What happens to whom, and when: the same for the same seed, whatever the machine does meanwhile. */
function planMishaps({ seed, clients, troubleMs }: TroubleOptions): readonly Mishap[] {
  const random = randomFrom(seed)
  // Some client 25 times a second among 500, and often enough among few that everything happens.
  const everyMs = Math.min(120, 20_000 / clients)
  return Array.from({ length: Math.floor(troubleMs / everyMs) }, (_, i) => ({
    atMs: i * everyMs,
    actor: Math.floor(random() * clients),
    what: pick(random() * 100),
    badness: random(),
    way: random() < 0.5 ? 'up' : 'down',
  }))
}

function pick(hundredth: number): Mishap['what'] {
  let left = hundredth
  return mishaps.find((what) => (left -= weights[what]) < 0) ?? 'update'
}

/** Five hundred of them, say, in a minute of cuts, outages, black holes, restarts and stalls. */
export class Trouble {
  readonly actors: Actor[] = []
  readonly counts: Record<string, number> = {}
  /** Counts the beginnings and ends of what happens to the server. */
  disturbances = 0
  readonly #options: TroubleOptions
  readonly #crowds: Crowd[] = []
  readonly #up = new Span()
  readonly #stalls = new Span()
  #startedAtMs = 0

  constructor(options: TroubleOptions) {
    this.#options = options
    this.#up.begin(sharedNowMs())
  }

  get seed(): number {
    return this.#options.seed
  }

  get living(): readonly Actor[] {
    return this.actors.filter(({ isGone }) => !isGone)
  }

  /** Those who do not see what is to be seen. */
  get strangers(): readonly Actor[] {
    const { living } = this
    return living.filter(({ person, room }) => {
      const others = living.filter((actor) => actor.room === room)
      const seen = person.sees(room)
      const seesAll = seen.size === others.length && others.every((other) => seen.has(other.person.clientId))
      return person.roomStatus(room) !== 'live' || !seesAll
    })
  }

  /** All come, each by a network of their own, and are there. */
  async gather(): Promise<void> {
    const { clients, rooms, processes } = this.#options
    // One more for visitors, whose process is never in trouble.
    for (let i = 0; i <= processes; i++) this.#crowds.push(await Crowd.start({ hearsUpdates: false }))
    for (let i = 0; i < clients; i++)
      await this.#come(this.#crowd(i % processes), `pr:room-${Math.floor(i / processes) % rooms}`)
  }

  async #come(crowd: Crowd, room: string): Promise<Actor> {
    const proxy = await TcpProxy.start(this.#options.server.port)
    const person = await crowd.come(proxy.url)
    const actor = { person, crowd, room, proxy, here: new Span(), spoiled: new Layers(), data: 0, isGone: false }
    this.actors.push(actor)
    person.listen(room)
    appear(actor)
    return actor
  }

  /** Everything that goes wrong, and then a world in which nothing does. Rejects when something did not come about. */
  async happen(): Promise<void> {
    this.#startedAtMs = sharedNowMs()
    const under: Promise<void>[] = [this.#bigTroubles(), this.#visitors()]
    for (const mishap of planMishaps(this.#options)) {
      await this.#at(mishap.atMs)
      under.push(this.#befall(mishap))
    }
    await Promise.all(under)
  }

  async end(): Promise<void> {
    for (const crowd of this.#crowds) crowd.kill()
    await Promise.all(this.actors.map(({ proxy }) => proxy.close()))
  }

  /** What has become of all, from what they have told, with times from when the trouble began. */
  story(): Story {
    const since = (some: Intervals): Intervals =>
      some.map(([from, to]): Interval => [from - this.#startedAtMs, to - this.#startedAtMs])
    return {
      lives: this.actors.map((actor) => lifeOf(actor, since)),
      up: since(this.#up.intervals),
      stalls: since(this.#stalls.intervals),
      endsAtMs: sharedNowMs() - this.#startedAtMs,
    }
  }

  async #at(ms: number): Promise<void> {
    const waitMs = this.#startedAtMs + ms - sharedNowMs()
    if (waitMs > 0) await sleep(waitMs)
  }

  async #befall({ actor: index, what, badness, way }: Mishap): Promise<void> {
    const actor = this.actors[index]
    if (!actor || actor.isGone || actor.spoiled.isOpen || !actor.here.isOpen) return
    this.#count(what)
    const { proxy, person, room } = actor
    const between = (least: number, most: number): number => least + badness * (most - least)
    switch (what) {
      case 'cut':
        return proxy.cut()
      case 'outage':
        return spoil(actor, between(300, settings.graceMs * 1.5), () => {
          proxy.isRefusing = true
          proxy.cut()
        })
      case 'black hole':
        return spoil(actor, between(300, settings.ttlMs * 1.3), () => proxy.blackhole())
      case 'slow network':
        return spoil(actor, between(1_000, 5_000), () =>
          proxy.slowDown({ delayMs: between(50, 400), bytesPerSecond: 30_000 }),
        )
      case 'half-closed':
        return spoil(actor, 1_000, () => proxy.connections[0]?.halfClose(way))
      case 'leave':
        person.stop(room)
        actor.here.end(sharedNowMs())
        await sleep(between(500, 4_000))
        if (!actor.isGone) appear(actor)
        return undefined
      case 'update':
        return person.update(room, ++actor.data)
    }
  }

  /** What happens to the server, or to a whole process of clients: one after the other, each at its part of the time. */
  async #bigTroubles(): Promise<void> {
    const { seed, processes, troubleMs } = this.#options
    const random = randomFrom(seed + 1)
    const stallMs = (): number => 1_200 + random() * settings.ttlMs * 0.1
    const last = processes - 1
    for (const [part, what] of [
      [0.1, () => this.#restart('crashes', 'fresh')],
      [0.25, () => this.#pauseProcess(0, settings.ttlMs * 0.6)],
      [0.45, () => this.#killProcess(last)],
      [0.5, () => this.#stall(stallMs())],
      [0.65, () => this.#restart('stops', 'resume')],
      [0.8, () => this.#stall(stallMs())],
      [0.9, () => this.#restart('crashes', 'resume')],
    ] as const) {
      await this.#at(part * troubleMs)
      await what()
    }
  }

  /** People who come, stay for a while and go: most of them as people go, some without a word. */
  async #visitors(): Promise<void> {
    const { seed, rooms, troubleMs, visitorsPerMinute = 0 } = this.#options
    const random = randomFrom(seed + 2)
    const plan = Array.from({ length: Math.floor((visitorsPerMinute * troubleMs) / 60_000) }, (_, i) => ({
      atMs: (i * 60_000) / visitorsPerMinute,
      room: `pr:room-${Math.floor(random() * rooms)}`,
      staysMs: settings.ttlMs * (0.1 + random()),
      isSilent: random() < 0.3,
    }))
    const visits: Promise<void>[] = []
    for (const { atMs, room, staysMs, isSilent } of plan) {
      await this.#at(atMs)
      visits.push(this.#visit(room, staysMs, isSilent))
    }
    await Promise.all(visits)
  }

  async #visit(room: string, ms: number, isSilent: boolean): Promise<void> {
    this.#count('visitor')
    const visitor = await this.#come(this.#crowd(this.#options.processes), room)
    await sleep(ms)
    if (isSilent) {
      visitor.spoiled.begin(sharedNowMs())
      visitor.proxy.isRefusing = true
      visitor.proxy.cut()
    }
    visitor.isGone = true
    visitor.here.end(sharedNowMs())
    visitor.person.close()
    await sleep(settings.ttlMs)
    await visitor.proxy.close()
  }

  async #stall(ms: number): Promise<void> {
    const { server } = this.#options
    this.#count('stall')
    this.#isUp(false)
    this.#stalls.begin(sharedNowMs())
    server.pause()
    await sleep(ms)
    server.resume()
    this.#stalls.end(sharedNowMs())
    this.#isUp(true)
  }

  async #restart(how: 'crashes' | 'stops', restart: 'fresh' | 'resume'): Promise<void> {
    const { server, config } = this.#options
    this.#count(`${restart} restart of a server that ${how}`)
    this.#isUp(false)
    await (how === 'crashes' ? server.kill() : server.stop())
    await server.start({ config: { ...config, restart } })
    this.#isUp(true)
  }

  #isUp(isUp: boolean): void {
    this.disturbances++
    if (isUp) this.#up.begin(sharedNowMs())
    else this.#up.end(sharedNowMs())
  }

  async #pauseProcess(index: number, ms: number): Promise<void> {
    const crowd = this.#crowd(index)
    const some = this.living.filter((actor) => actor.crowd === crowd)
    this.#count('stopped process')
    for (const { spoiled } of some) spoiled.begin(sharedNowMs())
    crowd.pause()
    await sleep(ms)
    crowd.resume()
    for (const { spoiled } of some) spoiled.end(sharedNowMs())
  }

  #killProcess(index: number): void {
    const crowd = this.#crowd(index)
    this.#count('killed process')
    crowd.kill()
    for (const actor of this.living.filter((each) => each.crowd === crowd)) {
      actor.isGone = true
      actor.here.end(sharedNowMs())
    }
  }

  #crowd(index: number): Crowd {
    const crowd = this.#crowds[index]
    if (!crowd) throw new Error(`There is no crowd ${index}.`)
    return crowd
  }

  #count(name: string): void {
    this.counts[name] = (this.counts[name] ?? 0) + 1
  }
}

function appear(actor: Actor): void {
  actor.here.begin(sharedNowMs())
  actor.person.track(actor.room, ++actor.data, settings.ttlMs)
}

/** Something is wrong with the network of one client for a while. */
async function spoil(actor: Actor, ms: number, how: () => void): Promise<void> {
  actor.spoiled.begin(sharedNowMs())
  how()
  await sleep(ms)
  actor.proxy.heal()
  actor.spoiled.end(sharedNowMs())
}

/** When somebody's room was live, and when they saw whom, from what they told. */
function lifeOf(actor: Actor, since: (some: Intervals) => Intervals): Life {
  const { person, room, crowd, isGone } = actor
  const live = new Span()
  const seen = new Map<number, Span>()
  const spanOf = (clientId: number): Span => {
    const span = seen.get(clientId) ?? new Span()
    seen.set(clientId, span)
    return span
  }
  for (const event of crowd.events) {
    if (event[1] !== person.index) continue
    if (event[2] === 'room' && event[3] === room) {
      if (event[4] === 'live') live.begin(event[0])
      else live.end(event[0])
    } else if (event[2] === 'change' && event[3] === room) {
      for (const [clientId] of event[5]) spanOf(clientId).end(event[0])
      for (const [clientId] of event[4]) spanOf(clientId).begin(event[0])
    }
  }
  const goneAtMs = isGone ? actor.here.intervals.at(-1)?.[1] : undefined
  // Who is killed sees nothing more.
  if (goneAtMs !== undefined) for (const span of [live, ...seen.values()]) span.end(goneAtMs)
  return {
    clientId: person.clientId,
    room,
    here: since(actor.here.intervals),
    spoiled: since(actor.spoiled.intervals),
    live: since(live.intervals),
    seen: new Map([...seen].map(([clientId, span]) => [clientId, since(span.intervals)])),
  }
}
