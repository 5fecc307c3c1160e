import { presenceErrorCodes, type GoneReason, type PresenceErrorCode } from '@app/protocol'

/*
 * What has happened since the start, in plain numbers. Counting is on the hot path and costs an addition; `metrics.ts`
 * looks at them when it is asked. All sets of names are closed: none is chosen by a client.
 */

/** What became of a put; each has one of these in the end. */
export const putFates = ['accepted', 'waited', 'replaced', 'refused'] as const
export type PutFate = (typeof putFates)[number]

/** Why a connection was sent a whole room, or all at once what it had missed. */
export const resyncReasons = ['entered', 'asked', 'behind'] as const
export type ResyncReason = (typeof resyncReasons)[number]

export const goneReasons = ['left', 'expired', 'lost', 'kicked', 'refused'] as const satisfies readonly GoneReason[]

/** How often values came that are no greater than each of the bounds, as Prometheus wants a histogram. */
export class Distribution {
  readonly bounds: readonly number[]
  /** By the first bound that is no smaller; the last is of those over all bounds. */
  readonly counts: number[]
  sum = 0
  count = 0

  constructor(bounds: readonly number[]) {
    this.bounds = bounds
    this.counts = Array.from({ length: bounds.length + 1 }, () => 0)
  }

  observe(value: number): void {
    let index = 0
    while (index < this.bounds.length && value > (this.bounds[index] as number)) index++
    ;(this.counts[index] as number)++
    this.sum += value
    this.count++
  }
}

export interface Counters {
  connectionsOpened: number
  messagesReceived: number
  readonly puts: Record<PutFate, number>
  /** How many changes one delta told. */
  readonly flushChanges: Distribution
  /** How much later than planned, in seconds. */
  readonly flushLag: Distribution
  /** How long until a room is told again, in seconds. */
  readonly flushPause: Distribution
  deltasSent: number
  readonly resyncs: Record<ResyncReason, number>
  readonly gone: Record<GoneReason, number>
  /** How long after its deadline an entry was taken away, in seconds. */
  readonly expiryLateness: Distribution
  readonly refused: Record<PresenceErrorCode, number>
  stalls: number
  /** How long one call of the store took, in seconds. */
  readonly storeBatch: Distribution
  storeFailures: number
}

export function createCounters(): Counters {
  return {
    connectionsOpened: 0,
    messagesReceived: 0,
    puts: zeros(putFates),
    flushChanges: new Distribution([1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000]),
    flushLag: new Distribution([0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1]),
    // From a small room of an idle server up to a crowd on a busy one.
    flushPause: new Distribution([0.016, 0.033, 0.05, 0.1, 0.2, 0.4, 0.8]),
    deltasSent: 0,
    resyncs: zeros(resyncReasons),
    gone: zeros(goneReasons),
    // A rule allows a second (L5).
    expiryLateness: new Distribution([0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 5]),
    refused: zeros(presenceErrorCodes),
    stalls: 0,
    storeBatch: new Distribution([0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 5]),
    storeFailures: 0,
  }
}

function zeros<Name extends string>(names: readonly Name[]): Record<Name, number> {
  return Object.fromEntries(names.map((name) => [name, 0])) as Record<Name, number>
}
