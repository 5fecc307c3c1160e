import { collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'

/** How a running server stands at this moment. */
export interface Standing {
  readonly connections: number
  readonly rooms: number
  readonly entries: number
  /** The share of the last second in which its loop was busy, from 0 to 1. */
  readonly load: number
}

/** What a server tells Prometheus. */
export interface Metrics {
  readonly contentType: string
  /** A room was told what changed, and waits so long before it is told again. */
  flushed(pauseMs: number): void
  text(): Promise<string>
}

// From a small room of an idle server up to a crowd on a busy one, in seconds.
const pauseBuckets = [0.016, 0.033, 0.05, 0.1, 0.2, 0.4, 0.8]

/** Each server has a registry of its own; none of its labels is chosen by a client. */
export function createMetrics(standing: () => Standing): Metrics {
  const registry = new Registry()
  const registers = [registry]
  collectDefaultMetrics({ register: registry })
  const gauge = (name: string, help: string, value: (now: Standing) => number): Gauge =>
    new Gauge({
      name,
      help,
      registers,
      collect() {
        this.set(value(standing()))
      },
    })
  gauge('presence_connections', 'Clients that are connected.', ({ connections }) => connections)
  gauge('presence_rooms', 'Rooms that somebody is in or listens to.', ({ rooms }) => rooms)
  gauge('presence_entries', 'Entries in all rooms.', ({ entries }) => entries)
  gauge('presence_load', 'Share of the last second in which the event loop was busy.', ({ load }) => load)
  const pauses = new Histogram({
    name: 'presence_flush_pause_seconds',
    help: 'How long a room waits after it was told what changed until it is told again. It adapts to size and load.',
    registers,
    buckets: pauseBuckets,
  })
  return {
    contentType: registry.contentType,
    flushed: (pauseMs) => pauses.observe(pauseMs / 1_000),
    text: () => registry.metrics(),
  }
}
