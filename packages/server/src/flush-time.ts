// Peers may learn of a later deadline this late, if the old one leaves time for it.
const renewalDelayMaxMs = 1_000

// Each listener costs a write. From some 300 on, a room is told less often, so that the writes a second stay about the same.
const pausePerListenerMs = 0.1
// A process that is busier than this has little left for a burst; the busier it is, the longer rooms wait.
const busyLoad = 0.8
const busiestFactor = 4

// A small room of a process with little to do is told about twice as often: its listeners see a cursor half as late.
const smallRoom = { from: 50, to: 100 }
const idleLoad = { from: 0.2, to: 0.3 }
const smallestFactor = 0.45

/** The load that is assumed where nobody measures it: neither idle nor busy. */
export const middlingLoad = 0.5

/**
 * How long a room waits between two flushes: `flushMs`, about half of it in a small room while the process is idle, longer in a
 * large room, and longer still while the process is busy. `load` is the share of time in which it was, from 0 to 1.
 */
export function flushPauseMs(flushMs: number, listeners: number, load: number): number {
  const busyFactor = 1 + (busiestFactor - 1) * share(load, { from: busyLoad, to: 1 })
  const smallFactor =
    smallestFactor + (1 - smallestFactor) * Math.max(share(listeners, smallRoom), share(load, idleLoad))
  return Math.round(Math.max(flushMs * smallFactor, listeners * pausePerListenerMs) * busyFactor)
}

/** How far a value is on its way, from 0 to 1. */
function share(value: number, { from, to }: { readonly from: number; readonly to: number }): number {
  return Math.min(1, Math.max(0, (value - from) / (to - from)))
}

/** How often listeners of a room are asked to put, when it is another pace than the hello's: alone, or in a crowd. */
interface Pace {
  readonly from: number
  readonly sendMs: number
}

// While nobody else listens, a client that moves tells it once a second: enough for whoever comes next.
const alonePaceMs = 1_000
const crowdPaces: readonly Pace[] = [
  { from: 2_000, sendMs: 500 },
  { from: 1_000, sendMs: 200 },
  { from: 500, sendMs: 100 },
]
// A room whose size swings about a limit is not told each time.
const swing = 0.8

/** The pace for so many listeners; undefined: the hello's. `paceMs` is the one that they have been told. */
export function paceFor(listeners: number, paceMs: number | undefined): number | undefined {
  if (listeners === 1) return alonePaceMs
  return crowdPaces.find(({ from, sendMs }) => listeners >= (sendMs === paceMs ? from * swing : from))?.sendMs
}

/** When a changed room is to be flushed: at once if it was quiet, else once the pause after its last flush is over. */
export function flushAtMs(nowMs: number, flushedAtMs: number, flushMs: number): number {
  return Math.max(nowMs, flushedAtMs + flushMs)
}

/**
 * When news that must come before a deadline is to be told: with the next flush, or, when the pause would end too late,
 * half way to the deadline.
 */
export function flushBeforeMs(nowMs: number, deadlineMs: number, flushedAtMs: number, flushMs: number): number {
  const atMs = flushAtMs(nowMs, flushedAtMs, flushMs)
  return atMs < deadlineMs ? atMs : nowMs + Math.floor(Math.max(0, deadlineMs - nowMs) / 2)
}

/** When a renewed lease is to be told: late enough to gather many, and before either deadline. */
export function renewalFlushAtMs(
  nowMs: number,
  earlierDeadlineMs: number,
  flushedAtMs: number,
  flushMs: number,
): number {
  const delayMs = Math.min(renewalDelayMaxMs, Math.max(0, earlierDeadlineMs - nowMs) / 2)
  return flushBeforeMs(nowMs + Math.floor(delayMs), earlierDeadlineMs, flushedAtMs, flushMs)
}
