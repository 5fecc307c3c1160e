import { setTimeout as sleep } from 'node:timers/promises'
import { TcpProxy, type Way } from '@app/testkit/tcp-proxy'
import { Crowd, sharedNowMs, type Person } from './crowd.ts'
import { intersect, invert, Layers, Span, subtract, total, type Intervals } from './intervals.ts'
import type { RealServer } from './real-server.ts'
import { settings } from './scale.ts'

const ever = Number.POSITIVE_INFINITY
const newsMs = 500

export interface TroubleOptions {
  readonly server: RealServer
  readonly random: () => number
  readonly clients: number
  readonly rooms: number
  readonly processes: number
  /** How long the trouble lasts. */
  readonly troubleMs: number
}

/** Somebody in the story: where they are, and when what was so. */
export interface Actor {
  readonly person: Person
  readonly crowd: Crowd
  readonly room: string
  readonly proxy: TcpProxy
  /** When they had an entry, or wished to have one. */
  readonly here: Span
  /** When their network or their process was in trouble, and a moment after it. */
  readonly spoiled: Layers
  data: number
  isGone: boolean
}

/** How long the worst of a kind took, and what it was, for who wants to know why. */
export interface Worst {
  readonly ms: number
  readonly what: string
}

export interface Verdict {
  /** Somebody who could hear the server saw somebody who was gone. */
  readonly ghost: Worst
  /** Somebody was missing while they and who looked for them could hear the server. */
  readonly falseAbsence: Worst
  /** Somebody was not back in a room while nothing was in their way. */
  readonly slowReturn: Worst
}

/** Five hundred of them, say, in a minute of cuts, outages, black holes, restarts and stalls. */
export class Trouble {
  readonly actors: Actor[] = []
  readonly counts: Record<string, number> = {}
  readonly #options: TroubleOptions
  readonly #crowds: Crowd[] = []
  readonly #up = new Span()
  /** When the server stood still: nobody's lease runs meanwhile (L7). */
  readonly #stalls = new Span()
  readonly #underWay = new Set<Promise<void>>()
  #startedAtMs = 0

  constructor(options: TroubleOptions) {
    this.#options = options
    this.#up.begin(sharedNowMs())
  }

  get living(): readonly Actor[] {
    return this.actors.filter(({ isGone }) => !isGone)
  }

  /** All come, each by a network of their own, and are there. */
  async gather(): Promise<void> {
    const { server, clients, rooms, processes } = this.#options
    for (let i = 0; i < processes; i++) this.#crowds.push(await Crowd.start({ hearsUpdates: false }))
    for (let i = 0; i < clients; i++) {
      const crowd = this.#crowds[i % processes]
      if (!crowd) throw new Error('There is no crowd.')
      const proxy = await TcpProxy.start(server.port)
      const person = await crowd.come(proxy.url)
      const room = `pr:room-${Math.floor(i / processes) % rooms}`
      const actor = { person, crowd, room, proxy, here: new Span(), spoiled: new Layers(), data: 0, isGone: false }
      this.actors.push(actor)
      person.listen(room)
      this.#appear(actor)
    }
  }

  /** Everything that goes wrong, and then a world in which nothing does. */
  async happen(): Promise<void> {
    const { troubleMs, clients } = this.#options
    const startedAtMs = (this.#startedAtMs = sharedNowMs())
    const big = this.#bigTroubles()
    // A mishap of some client 25 times a second among 500.
    const everyMs = 20_000 / clients
    let mishaps = 0
    for (;;) {
      const passedMs = sharedNowMs() - startedAtMs
      if (passedMs >= troubleMs) break
      while ((big[0]?.at ?? 1) * troubleMs <= passedMs) this.#start(big.shift()?.what() ?? Promise.resolve())
      for (; mishaps * everyMs < passedMs; mishaps++) this.#start(this.#mishap())
      await sleep(5)
    }
    await Promise.all(this.#underWay)
  }

  async end(): Promise<void> {
    for (const crowd of this.#crowds) crowd.kill()
    await Promise.all(this.actors.map(({ proxy }) => proxy.close()))
  }

  /** Reads from what all have told how bad it was. */
  judge(): Verdict {
    const up = this.#up.intervals
    const lives = new Map(this.actors.map((actor) => [actor, lifeOf(actor)]))
    const [ghost, falseAbsence, slowReturn] = [new WorstOf(), new WorstOf(), new WorstOf()]
    for (const [observer, { live, seen }] of lives) {
      const unhindered = subtract(up, late(observer.spoiled.intervals))
      const hears = intersect(live, unhindered)
      const first = live[0]
      if (first && !observer.isGone)
        for (const [fromMs, toMs] of finite(subtract(intersect(unhindered, [[first[0], ever]]), live)))
          slowReturn.add(toMs - fromMs, () => this.#describe(fromMs, toMs, observer))
      for (const [other, { live: othersLive }] of lives) {
        if (other.room !== observer.room || other === observer) continue
        const sees = seen.get(other.person.clientId)?.intervals ?? []
        const here = other.here.intervals
        const bothHear = intersect(hears, intersect(othersLive, subtract(up, late(other.spoiled.intervals))))
        for (const [fromMs, toMs] of finite(subtract(intersect(bothHear, here), sees)))
          falseAbsence.add(toMs - fromMs, () => this.#describe(fromMs, toMs, observer, other))
        for (const away of invert(here))
          for (const [, toMs] of finite(intersect(intersect(hears, sees), [away])))
            ghost.add(total(subtract([[away[0], toMs]], this.#stalls.intervals)), () =>
              this.#describe(away[0], toMs, observer, other),
            )
      }
    }
    return { ghost, falseAbsence, slowReturn }
  }

  /** Where in the story something was, and what the two were told around it. */
  #describe(fromMs: number, toMs: number, observer: Actor, other = observer): string {
    const at = (ms: number): string => ((ms - this.#startedAtMs) / 1_000).toFixed(2)
    const around = (some: Intervals): string =>
      intersect(some, [[fromMs - 20_000, toMs + 5_000]])
        .map(([from, to]) => `${at(from)}–${at(to)}`)
        .join(' ')
    const tell = (actor: Actor): string => {
      const { live } = lifeOf(actor)
      return `live ${around(live)}, here ${around(actor.here.intervals)}, spoiled ${around(actor.spoiled.intervals)}`
    }
    const seen = around(lifeOf(observer).seen.get(other.person.clientId)?.intervals ?? [])
    const server = `server up ${around(this.#up.intervals)}`
    return `${at(fromMs)}–${at(toMs)}: observer ${tell(observer)}; other ${tell(other)}; seen ${seen}; ${server}`
  }

  #appear(actor: Actor): void {
    actor.here.begin(sharedNowMs())
    actor.person.track(actor.room, ++actor.data, settings.ttlMs)
  }

  #start(what: Promise<void>): void {
    this.#underWay.add(what)
    void what.finally(() => this.#underWay.delete(what)).catch(() => {})
  }

  /** One thing that happens to one client. */
  async #mishap(): Promise<void> {
    const { random } = this.#options
    const free = this.living.filter(({ spoiled, here }) => !spoiled.isOpen && here.isOpen)
    const actor = free[Math.floor(random() * free.length)]
    if (!actor) return
    const { proxy, person, room } = actor
    const between = (least: number, most: number): number => least + random() * (most - least)
    const [connection] = proxy.connections
    const way: Way = random() < 0.5 ? 'up' : 'down'
    const dice = random()
    if (dice < 0.25) {
      this.#count('cuts')
      proxy.cut()
    } else if (dice < 0.4) {
      const ms = between(300, settings.graceMs * 1.5)
      await this.#spoil('outages', actor, ms, () => {
        proxy.isRefusing = true
        proxy.cut()
      })
    } else if (dice < 0.55) {
      await this.#spoil('black holes', actor, between(300, settings.ttlMs * 1.3), () => proxy.blackhole())
    } else if (dice < 0.65) {
      const weather = { delayMs: between(50, 400), bytesPerSecond: 30_000 }
      await this.#spoil('slow networks', actor, between(1_000, 5_000), () => proxy.slowDown(weather))
    } else if (dice < 0.7) {
      await this.#spoil('half-closed connections', actor, 1_000, () => connection?.halfClose(way))
    } else if (dice < 0.8) {
      this.#count('leaves')
      person.stop(room)
      actor.here.end(sharedNowMs())
      await sleep(between(500, 4_000))
      if (!actor.isGone) this.#appear(actor)
    } else {
      this.#count('updates')
      person.update(room, ++actor.data)
    }
  }

  /** Something is wrong with the network of one client for a while. */
  async #spoil(name: string, actor: Actor, ms: number, spoil: () => void): Promise<void> {
    this.#count(name)
    actor.spoiled.begin(sharedNowMs())
    spoil()
    await sleep(ms)
    actor.proxy.heal()
    actor.spoiled.end(sharedNowMs())
  }

  /** What happens to the server, or to a whole process of clients, and at which part of the time. */
  #bigTroubles(): { readonly at: number; readonly what: () => Promise<void> }[] {
    const { random, processes } = this.#options
    return [
      { at: 0.1, what: () => this.#restart('crashes', 'fresh') },
      { at: 0.2, what: () => this.#pauseProcess(0, settings.ttlMs * 0.7) },
      { at: 0.35, what: () => this.#stall(1_200 + random() * settings.ttlMs * 0.1) },
      { at: 0.5, what: () => this.#killProcess(processes - 1) },
      { at: 0.55, what: () => this.#stall(1_200 + random() * settings.ttlMs * 0.1) },
      { at: 0.7, what: () => this.#restart('stops', 'resume') },
      { at: 0.8, what: () => this.#stall(1_200 + random() * settings.ttlMs * 0.1) },
      { at: 0.9, what: () => this.#restart('crashes', 'resume') },
    ]
  }

  async #stall(ms: number): Promise<void> {
    const { server } = this.#options
    this.#count('stalls')
    this.#up.end(sharedNowMs())
    this.#stalls.begin(sharedNowMs())
    server.pause()
    await sleep(ms)
    server.resume()
    this.#stalls.end(sharedNowMs())
    this.#up.begin(sharedNowMs())
  }

  async #restart(how: 'crashes' | 'stops', restart: 'fresh' | 'resume'): Promise<void> {
    const { server } = this.#options
    this.#count(`${restart} restarts of a server that ${how}`)
    this.#up.end(sharedNowMs())
    await (how === 'crashes' ? server.kill() : server.stop())
    await server.start({ config: { restart } })
    this.#up.begin(sharedNowMs())
  }

  async #pauseProcess(index: number, ms: number): Promise<void> {
    const crowd = this.#crowds[index]
    const some = this.living.filter((actor) => actor.crowd === crowd)
    this.#count('stopped processes')
    for (const { spoiled } of some) spoiled.begin(sharedNowMs())
    crowd?.pause()
    await sleep(ms)
    crowd?.resume()
    for (const { spoiled } of some) spoiled.end(sharedNowMs())
  }

  #killProcess(index: number): Promise<void> {
    const crowd = this.#crowds[index]
    this.#count('killed processes')
    crowd?.kill()
    for (const actor of this.living.filter((each) => each.crowd === crowd)) {
      actor.isGone = true
      actor.here.end(sharedNowMs())
    }
    return Promise.resolve()
  }

  #count(name: string): void {
    this.counts[name] = (this.counts[name] ?? 0) + 1
  }
}

/** Keeps the worst. What it was is put into words only when it is. */
class WorstOf implements Worst {
  ms = 0
  what = 'nothing'

  add(ms: number, describe: () => string): void {
    if (ms <= this.ms) return
    this.ms = ms
    this.what = describe()
  }
}

/** When somebody's room was live, and when they saw whom, from what they told. */
function lifeOf({ person, room, crowd, isGone, here }: Actor): {
  readonly live: Intervals
  readonly seen: ReadonlyMap<number, Span>
} {
  const live = new Span()
  const seen = new Map<number, Span>()
  const spanOf = (clientId: number): Span => {
    let span = seen.get(clientId)
    if (!span) {
      span = new Span()
      seen.set(clientId, span)
    }
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
  const lastMs = here.intervals.at(-1)?.[1]
  if (isGone && lastMs !== undefined) for (const span of [live, ...seen.values()]) span.end(lastMs)
  return { live: live.intervals, seen }
}

/** With the moment after each, in which the news that all is well is still on its way. */
function late(some: Intervals): Intervals {
  return invert(
    invert(some)
      .map(([fromMs, toMs]) => [fromMs + newsMs, toMs] as const)
      .filter(([fromMs, toMs]) => fromMs < toMs),
  )
}

/** Up to now, for what has not ended. */
function finite(some: Intervals): Intervals {
  return intersect(some, [[Number.NEGATIVE_INFINITY, sharedNowMs()]])
}
