import { collectDefaultMetrics, Registry, type Gauge } from 'prom-client'
import type { Counters, Distribution } from './counters.ts'

/** How a running server stands at this moment. */
export interface Standing {
  readonly connections: number
  /** Connections to which something has not gone out yet that others have been told. */
  readonly slow: number
  readonly rooms: number
  readonly entries: number
  /** The share of the last second in which its loop was busy, from 0 to 1. */
  readonly load: number
  /** How many changes the store has not been given yet. */
  readonly unwritten: number
  readonly isStoreFailing: boolean
}

export const standsStill: Standing = {
  connections: 0,
  slow: 0,
  rooms: 0,
  entries: 0,
  load: 0,
  unwritten: 0,
  isStoreFailing: false,
}

/** What a server tells Prometheus. */
export interface Metrics {
  readonly contentType: string
  text(): Promise<string>
}

interface Value {
  readonly labels: Readonly<Record<string, string | number>>
  readonly value: number
  readonly metricName?: string
}

/**
 * Reads counters and standing when it is asked: nothing is done meanwhile. Each server has names of its own; none of the
 * labels is chosen by a client.
 */
export function createMetrics(standing: () => Standing, counters: Counters): Metrics & { readonly registry: Registry } {
  const registry = new Registry()
  let now = standsStill
  const tell = (type: string, name: string, help: string, values: () => readonly Value[]): void => {
    const get = (): Promise<object> => Promise.resolve({ name, help, type, values: values() })
    // What a registry asks of a metric; the classes of prom-client would have each number counted twice.
    registry.registerMetric({ name, help, type, get } as unknown as Gauge)
  }
  const gauge = (name: string, help: string, value: (now: Standing) => number): void =>
    tell('gauge', name, help, () => [{ labels: {}, value: value(now) }])
  const counter = (name: string, help: string, value: () => number): void =>
    tell('counter', name, help, () => [{ labels: {}, value: value() }])
  const counterBy = (label: string, name: string, help: string, by: Readonly<Record<string, number>>): void =>
    tell('counter', name, help, () => Object.entries(by).map(([each, value]) => ({ labels: { [label]: each }, value })))
  const histogram = (name: string, help: string, distribution: Distribution): void =>
    tell('histogram', name, help, () => histogramValues(name, distribution))

  gauge('presence_connections', 'Clients that are connected.', ({ connections }) => connections)
  counter(
    'presence_connections_opened_total',
    'Clients that were let in, each time they came.',
    () => counters.connectionsOpened,
  )
  gauge('presence_slow_connections', 'Clients to which something has not gone out yet.', ({ slow }) => slow)
  gauge('presence_rooms', 'Rooms that somebody is in or listens to.', ({ rooms }) => rooms)
  gauge('presence_entries', 'Entries in all rooms.', ({ entries }) => entries)
  counterBy('reason', 'presence_entries_gone_total', 'Entries that went, and why.', counters.gone)
  gauge('presence_load', 'Share of the last second in which the event loop was busy.', ({ load }) => load)
  counter('presence_stalls_total', 'Times the process stood still for over a second.', () => counters.stalls)
  counter('presence_messages_received_total', 'Messages of clients.', () => counters.messagesReceived)
  counterBy('outcome', 'presence_puts_total', 'Puts of clients, and what became of them.', counters.puts)
  counterBy(
    'code',
    'presence_refused_total',
    'Refusals, handshakes included, by what clients are told.',
    counters.refused,
  )
  counter('presence_deltas_sent_total', 'Deltas, one for each listener of a room.', () => counters.deltasSent)
  counterBy('reason', 'presence_resyncs_total', 'Snapshots, and what was kept for the slow.', counters.resyncs)
  histogram('presence_flush_changes', 'Changes in one delta.', counters.flushChanges)
  histogram('presence_flush_lag_seconds', 'How much later than planned a room was told.', counters.flushLag)
  histogram('presence_flush_pause_seconds', 'How long until a room is told again, at the least.', counters.flushPause)
  histogram(
    'presence_expiry_lateness_seconds',
    'How long after its deadline an entry was taken away.',
    counters.expiryLateness,
  )
  histogram('presence_store_batch_seconds', 'How long the store took for one batch.', counters.storeBatch)
  counter('presence_store_failures_total', 'Batches that the store did not take.', () => counters.storeFailures)
  gauge('presence_store_failing', '1 while the store cannot be written.', ({ isStoreFailing }) =>
    isStoreFailing ? 1 : 0,
  )
  gauge('presence_store_unwritten', 'Changes that wait for the store.', ({ unwritten }) => unwritten)

  return {
    registry,
    contentType: registry.contentType,
    async text() {
      now = standing()
      const own = registry.metrics()
      return `${await own}\n${await ofProcess().metrics()}`
    },
  }
}

let processRegistry: Registry | undefined

/** Memory, handles, the loop and the garbage, for however many servers: what watches them is never let go. */
export function ofProcess(): Registry {
  if (!processRegistry) {
    processRegistry = new Registry()
    collectDefaultMetrics({ register: processRegistry })
  }
  return processRegistry
}

/** The bounds are cumulative in what Prometheus reads. */
function histogramValues(name: string, { bounds, counts, sum, count }: Distribution): readonly Value[] {
  let below = 0
  const buckets = bounds.map((le, index) => {
    below += counts[index] ?? 0
    return { metricName: `${name}_bucket`, labels: { le }, value: below }
  })
  return [
    ...buckets,
    { metricName: `${name}_bucket`, labels: { le: '+Inf' }, value: count },
    { metricName: `${name}_sum`, labels: {}, value: sum },
    { metricName: `${name}_count`, labels: {}, value: count },
  ]
}
