import { peerNames, type PeerName } from './peers/names.ts'

interface Named {
  readonly name: string
  /** One line for who reads the table. */
  readonly about: string
  readonly columns: readonly Column[]
  readonly targets: readonly Target[]
  /** Whom to ask. */
  readonly peers: readonly PeerName[]
  /** Who can be asked, too, but is not unless somebody picks it: no target speaks of it, and it costs minutes. */
  readonly others?: readonly PeerName[]
}

/** Everybody moves at one pace, or in a large room only some. */
export interface SteadyScenario extends Named {
  readonly kind: 'steady'
  readonly rooms: number
  readonly perRoom: number
  readonly hz: number
  readonly seconds: number
  /** Seconds before the time that counts, on a server that has just started. Default: 1.8. */
  readonly warmUp?: number
  /** How many in a room move; default: all. */
  readonly movers?: number
  /** Default: yes. */
  readonly listens?: boolean
}

/** Everybody is there and does nothing. */
export interface IdleScenario extends Named {
  readonly kind: 'idle'
  readonly rooms: number
  readonly perRoom: number
  readonly seconds: number
}

/** All come in the same instant. */
export interface JoinScenario extends Named {
  readonly kind: 'join'
  readonly perRoom: number
}

/** The server goes and comes, and so do its clients. */
export interface RestartScenario extends Named {
  readonly kind: 'restart'
  readonly rooms: number
  readonly perRoom: number
}

/** One client stops to read. */
export interface SlowScenario extends Named {
  readonly kind: 'slow'
  readonly perRoom: number
  readonly hz: number
  /** Of each of three parts: before, while the buffers fill, and with them full. */
  readonly seconds: number
}

/** The same rooms, more and more of them. */
export interface GrowthScenario extends Named {
  readonly kind: 'growth'
  readonly sizes: readonly number[]
  readonly perRoom: number
  readonly hz: number
  readonly seconds: number
}

export type Scenario = SteadyScenario | IdleScenario | JoinScenario | RestartScenario | SlowScenario | GrowthScenario

/** Those that need no more than a server, and leave none of their clients behind. */
export function sharesServer(scenario: Scenario): scenario is SteadyScenario | GrowthScenario {
  return scenario.kind === 'steady' || scenario.kind === 'growth'
}

export interface Column {
  readonly measure: string
  readonly title: string
  readonly digits: number
}

/** What the issue wants. With `per`, of the ratio of two peers in the same round; otherwise of the measure itself. */
export interface Target {
  readonly measure: string
  readonly of: PeerName
  readonly per?: PeerName
  readonly atMost?: number
  readonly atLeast?: number
}

const cpu: Column = { measure: 'cores', title: 'CPU, cores', digits: 3 }
const perUpdate: Column = { measure: 'microsPerUpdate', title: 'µs an update', digits: 2 }
const seen: Column = { measure: 'seen', title: 'seen, %', digits: 1 }
const kilobytes: Column = { measure: 'kilobytes', title: 'kB/s a client', digits: 1 }
const messages: Column = { measure: 'messages', title: 'messages/s a client', digits: 1 }
const p50: Column = { measure: 'p50Ms', title: 'p50, ms', digits: 1 }
const p99: Column = { measure: 'p99Ms', title: 'p99, ms', digits: 1 }
const stall: Column = { measure: 'stallP99Ms', title: 'stall p99, ms', digits: 1 }
const stallMax: Column = { measure: 'stallMaxMs', title: 'stall max, ms', digits: 1 }
const fanOut = [cpu, perUpdate, seen, kilobytes, messages, p50, p99, stall]

// The flush interval of a busy room, and of the relay.
const tickMs = 33
// What it costs to keep strangers out is asked by name.
const guarded: readonly PeerName[] = ['oursAuth']
const everyone: readonly PeerName[] = peerNames.filter((name) => !guarded.includes(name))

const cheaperThanTutorial = (atLeast: number): Target => ({
  measure: 'microsPerUpdate',
  of: 'tutorial',
  per: 'ours',
  atLeast,
})
const closeToWs = (atMost: number): Target => ({ measure: 'cores', of: 'ours', per: 'ws', atMost })
const underColyseus: Target = { measure: 'cores', of: 'ours50', per: 'colyseus', atMost: 1 }
const allSeen: Target = { measure: 'seen', of: 'ours', atLeast: 100 }

const growthSizes = [100, 500, 2_000]

/** The name of what a client costs in a crowd of this size. */
export function growthMeasure(size: number | ''): string {
  return `microsPerClient${size}`
}

export const scenarios: readonly Scenario[] = [
  {
    name: 'A',
    about: '1 room × 100 clients × 20 Hz',
    kind: 'steady',
    rooms: 1,
    perRoom: 100,
    hz: 20,
    seconds: 1.2,
    peers: everyone,
    others: guarded,
    columns: fanOut,
    targets: [
      closeToWs(1.5),
      cheaperThanTutorial(20),
      underColyseus,
      allSeen,
      { measure: 'kilobytes', of: 'ours', per: 'ws', atMost: 1.5 },
      { measure: 'p50Ms', of: 'ours', atMost: tickMs / 2 + 3 },
      { measure: 'p99Ms', of: 'ours', atMost: tickMs + 8 },
    ],
  },
  {
    name: 'B',
    about: '20 rooms × 25 clients × 20 Hz',
    kind: 'steady',
    rooms: 20,
    perRoom: 25,
    hz: 20,
    seconds: 1.2,
    peers: everyone,
    others: guarded,
    columns: fanOut,
    targets: [closeToWs(1.6), cheaperThanTutorial(6), underColyseus, allSeen],
  },
  {
    name: 'C',
    about: '1 room × 500 clients × 2 Hz',
    kind: 'steady',
    rooms: 1,
    perRoom: 500,
    hz: 2,
    seconds: 1.2,
    peers: everyone,
    others: guarded,
    columns: fanOut,
    targets: [closeToWs(1.6), cheaperThanTutorial(20), underColyseus, allSeen],
  },
  {
    name: 'single',
    about: 'a quiet room of 2, an update now and then',
    kind: 'steady',
    rooms: 1,
    perRoom: 2,
    hz: 4.7,
    seconds: 2,
    movers: 1,
    peers: ['ours'],
    others: ['ws'],
    columns: [p50, p99, seen],
    targets: [{ measure: 'p50Ms', of: 'ours', atMost: 2 }],
  },
  {
    name: 'fifty',
    about: '1 room × 50 clients × 10 Hz',
    kind: 'steady',
    rooms: 1,
    perRoom: 50,
    hz: 10,
    seconds: 1.5,
    peers: ['ours'],
    others: ['ws'],
    columns: fanOut,
    targets: [{ measure: 'p50Ms', of: 'ours', atMost: 10 }, { measure: 'p99Ms', of: 'ours', atMost: 25 }, allSeen],
  },
  {
    name: 'inbound',
    about: '1 000 clients × 20 Hz in 40 rooms, nobody listens',
    kind: 'steady',
    rooms: 40,
    perRoom: 25,
    hz: 20,
    seconds: 1.5,
    warmUp: 3,
    listens: false,
    peers: ['ours', 'ws'],
    others: guarded,
    columns: [
      cpu,
      { measure: 'inbound', title: 'messages/s in', digits: 0 },
      { measure: 'inboundPerCore', title: 'messages/s a core', digits: 0 },
      stall,
    ],
    targets: [{ measure: 'inboundPerCore', of: 'ours', per: 'ws', atLeast: 0.75 }],
  },
  {
    name: 'sqlite',
    about: '5 000 cursors in 200 rooms × 1 Hz, nobody listens',
    kind: 'steady',
    rooms: 200,
    perRoom: 25,
    hz: 1,
    seconds: 2.5,
    listens: false,
    peers: ['ours'],
    columns: [
      cpu,
      { measure: 'storeWrites', title: 'writes', digits: 0 },
      { measure: 'storeP99Ms', title: 'write p99, ms', digits: 1 },
      { measure: 'storeWithGcP99Ms', title: 'with garbage collection, ms', digits: 1 },
      stall,
      stallMax,
    ],
    targets: [{ measure: 'storeP99Ms', of: 'ours', atMost: 5 }],
  },
  {
    name: 'large',
    about: '2 000 clients in one room, 100 of them move at 10 Hz',
    kind: 'steady',
    rooms: 1,
    perRoom: 2_000,
    hz: 10,
    movers: 100,
    seconds: 1.5,
    peers: ['ours'],
    others: ['ws'],
    columns: fanOut,
    targets: [allSeen],
  },
  {
    name: 'growth',
    about: 'rooms of 25 × 0.4 Hz, µs of CPU a second and client, from 100 to 2 000 clients',
    kind: 'growth',
    sizes: growthSizes,
    perRoom: 25,
    hz: 0.4,
    seconds: 1.2,
    peers: ['ours'],
    others: ['ws'],
    columns: [
      ...growthSizes.map((size) => ({ measure: growthMeasure(size), title: String(size), digits: 0 })),
      { measure: 'growth', title: 'last / first', digits: 2 },
    ],
    targets: [{ measure: 'growth', of: 'ours', atMost: 1.2 }],
  },
  {
    name: 'idle',
    about: '2 000 tracked clients who do nothing; of Socket.IO, bare connections',
    kind: 'idle',
    rooms: 100,
    perRoom: 20,
    // One round of pings.
    seconds: 10,
    peers: ['ours', 'tutorial'],
    columns: [
      { measure: 'cores', title: 'CPU, cores', digits: 4 },
      { measure: 'messagesPerMinute', title: 'messages/min a client', digits: 2 },
      { measure: 'rssKilobytes', title: 'RSS, kB a client', digits: 1 },
      { measure: 'heapKilobytes', title: 'heap, kB a client', digits: 1 },
      stall,
    ],
    targets: [
      { measure: 'cores', of: 'ours', per: 'tutorial', atMost: 1.2 },
      { measure: 'rssKilobytes', of: 'ours', per: 'tutorial', atMost: 1.3 },
      // The hash of versions, once a minute.
      { measure: 'messagesPerMinute', of: 'ours', atMost: 1.1 },
    ],
  },
  {
    name: 'join',
    about: '500 clients come into one room at once, until all see all',
    kind: 'join',
    perRoom: 500,
    peers: ['ours', 'ws'],
    others: ['tutorial', 'colyseus'],
    columns: [
      { measure: 'wholeMs', title: 'all see all, ms', digits: 0 },
      { measure: 'wholeP50Ms', title: 'half see all, ms', digits: 0 },
      { measure: 'connectedMs', title: 'connected, ms', digits: 0 },
      { measure: 'whole', title: 'who see all, %', digits: 1 },
      { measure: 'cpuMs', title: 'CPU, ms', digits: 0 },
      { measure: 'kilobytesToJoin', title: 'kB a client', digits: 1 },
      stallMax,
    ],
    targets: [{ measure: 'wholeMs', of: 'ours', per: 'ws', atMost: 2 }],
  },
  {
    name: 'restart',
    about: '1 000 clients in rooms of 25 come back after a restart',
    kind: 'restart',
    rooms: 40,
    perRoom: 25,
    peers: ['ours'],
    columns: [
      { measure: 'windowMs', title: 'window, ms', digits: 0 },
      { measure: 'wholeMs', title: 'all whole, ms', digits: 0 },
      { measure: 'afterWindowMs', title: 'after the window, ms', digits: 0 },
      { measure: 'whole', title: 'who are whole, %', digits: 1 },
      stall,
      stallMax,
    ],
    targets: [
      { measure: 'afterWindowMs', of: 'ours', atMost: 2_000 },
      { measure: 'stallMaxMs', of: 'ours', atMost: 50 },
    ],
  },
  {
    name: 'slow',
    about: '1 room × 50 clients × 20 Hz × 1.5 kB, one of them reads nothing',
    kind: 'slow',
    perRoom: 50,
    hz: 20,
    seconds: 1.2,
    peers: ['ours'],
    columns: [
      { measure: 'p50BeforeMs', title: 'p50 before, ms', digits: 1 },
      p50,
      { measure: 'p99BeforeMs', title: 'p99 before, ms', digits: 1 },
      p99,
      seen,
      { measure: 'keptMegabytes', title: 'kept, MB', digits: 1 },
    ],
    targets: [{ measure: 'p99AddedMs', of: 'ours', atMost: 8 }, allSeen],
  },
]

/** A moment of each, to see that it runs at all. The numbers mean nothing. */
export function quick(whole: Scenario): Scenario {
  const scenario = { ...whole, targets: [] }
  const perRoom = Math.min(scenario.perRoom, 10)
  switch (scenario.kind) {
    case 'join':
      return { ...scenario, perRoom }
    case 'growth':
      return { ...scenario, perRoom, seconds: 0.1, sizes: scenario.sizes.slice(0, 1) }
    case 'slow':
      return { ...scenario, perRoom, seconds: 0.2 }
    case 'restart':
      return { ...scenario, perRoom, rooms: 4 }
    case 'steady':
    case 'idle':
      return { ...scenario, perRoom, rooms: Math.min(scenario.rooms, 4), seconds: 0.2 }
  }
}
