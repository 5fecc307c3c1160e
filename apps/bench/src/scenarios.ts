import type { PeerName } from './peers/names.ts'

interface Named {
  readonly name: string
  /** One line for who reads the table. */
  readonly about: string
  readonly columns: readonly Column[]
  readonly targets: readonly Target[]
  /** Whom it makes sense to ask. */
  readonly peers: readonly PeerName[]
}

/** Everybody moves at one pace, or in a large room only some. */
export interface SteadyScenario extends Named {
  readonly kind: 'steady'
  readonly rooms: number
  readonly perRoom: number
  readonly hz: number
  readonly seconds: number
  /** How many in a room move; default: all. */
  readonly movers?: number
  /** Default: yes. */
  readonly listens?: boolean
}

export type Scenario = SteadyScenario

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
const everyone: readonly PeerName[] = ['ours', 'ws', 'tutorial']

const cheaperThanTutorial = (atLeast: number): Target => ({
  measure: 'microsPerUpdate',
  of: 'tutorial',
  per: 'ours',
  atLeast,
})
const closeToWs = (atMost: number): Target => ({ measure: 'cores', of: 'ours', per: 'ws', atMost })
const allSeen: Target = { measure: 'seen', of: 'ours', atLeast: 100 }

export const scenarios: readonly Scenario[] = [
  {
    name: 'A',
    about: '1 room × 100 clients × 20 Hz',
    kind: 'steady',
    rooms: 1,
    perRoom: 100,
    hz: 20,
    seconds: 4,
    peers: everyone,
    columns: fanOut,
    targets: [
      closeToWs(1.5),
      cheaperThanTutorial(20),
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
    seconds: 4,
    peers: everyone,
    columns: fanOut,
    targets: [closeToWs(1.6), cheaperThanTutorial(6), allSeen],
  },
  {
    name: 'C',
    about: '1 room × 500 clients × 2 Hz',
    kind: 'steady',
    rooms: 1,
    perRoom: 500,
    hz: 2,
    seconds: 4,
    peers: everyone,
    columns: fanOut,
    targets: [closeToWs(1.6), cheaperThanTutorial(20), allSeen],
  },
  {
    name: 'single',
    about: 'a quiet room of 2, an update now and then',
    kind: 'steady',
    rooms: 1,
    perRoom: 2,
    hz: 2.3,
    seconds: 5,
    movers: 1,
    peers: ['ours', 'ws'],
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
    seconds: 3,
    peers: ['ours', 'ws'],
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
    seconds: 3,
    listens: false,
    peers: ['ours', 'ws'],
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
    seconds: 5,
    listens: false,
    peers: ['ours'],
    columns: [
      cpu,
      { measure: 'storeWrites', title: 'writes', digits: 0 },
      { measure: 'storeP99Ms', title: 'write p99, ms', digits: 1 },
      { measure: 'storeMaxMs', title: 'write max, ms', digits: 1 },
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
    seconds: 4,
    peers: ['ours', 'ws'],
    columns: fanOut,
    targets: [allSeen],
  },
]

/** A few seconds' worth of it, to see that it runs at all. The numbers mean nothing. */
export function quick(scenario: Scenario): Scenario {
  const rooms = Math.min(scenario.rooms, 4)
  const perRoom = Math.min(scenario.perRoom, 20)
  return { ...scenario, rooms, perRoom, seconds: 0.3 }
}
