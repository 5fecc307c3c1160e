import { intersect, invert, subtract, total, type Interval, type Intervals } from './intervals.ts'

/** What became of somebody in a time of trouble. Moments are in milliseconds, by one clock for all. */
export interface Life {
  readonly clientId: number
  readonly room: string
  /** When they had an entry, or wished to have one. */
  readonly here: Intervals
  /** When their network or their process was in trouble. */
  readonly spoiled: Intervals
  /** When they knew the room, as far as they know. */
  readonly live: Intervals
  /** When they saw whom, by `clientId`. */
  readonly seen: ReadonlyMap<number, Intervals>
}

export interface Story {
  readonly lives: readonly Life[]
  /** When the server ran. */
  readonly up: Intervals
  /** When it stood still: nobody's lease runs meanwhile (L7). */
  readonly stalls: Intervals
  readonly endsAtMs: number
}

/** How long the worst of a kind took, and what it was, for who wants to know why. */
export interface Worst {
  readonly ms: number
  readonly what: string
}

export interface Verdict {
  /** Somebody who could hear the server saw somebody who was gone, the time of stalls left out. */
  readonly ghost: Worst
  /** The same of those who left while they could tell the server. */
  readonly left: Worst
  /** Somebody was missing while they and who looked for them could hear the server. */
  readonly falseAbsence: Worst
  /** Somebody was not back in a room while nothing was in their way. */
  readonly slowReturn: Worst
}

// The news that all is well again is under way for a moment.
const newsMs = 500
// A leave has been taken by then, and written.
const leaveMs = 1_500
const ever = Number.POSITIVE_INFINITY

/** How bad it was. */
export function judge({ lives, up, stalls, endsAtMs }: Story): Verdict {
  const [ghost, left, falseAbsence, slowReturn] = [new WorstOf(), new WorstOf(), new WorstOf(), new WorstOf()]
  const untilNow = (some: Intervals): Intervals => intersect(some, [[Number.NEGATIVE_INFINITY, endsAtMs]])
  const unhindered = new Map(lives.map((life) => [life, subtract(up, late(life.spoiled))]))
  const hears = (life: Life): Intervals => intersect(life.live, unhindered.get(life) ?? [])
  for (const observer of lives) {
    const [first] = observer.live
    const isStaying = observer.here.at(-1)?.[1] === ever
    if (first && isStaying)
      for (const [fromMs, toMs] of untilNow(
        subtract(intersect(unhindered.get(observer) ?? [], [[first[0], ever]]), observer.live),
      ))
        slowReturn.add(toMs - fromMs, () => describe([fromMs, toMs], up, observer))
    for (const other of lives) {
      if (other.room !== observer.room || other === observer) continue
      const sees = observer.seen.get(other.clientId) ?? []
      const bothHear = intersect(hears(observer), hears(other))
      for (const absence of untilNow(subtract(intersect(bothHear, other.here), sees)))
        falseAbsence.add(absence[1] - absence[0], () => describe(absence, up, observer, other))
      for (const away of invert(other.here)) {
        const hasSaid = covers(hears(other), [away[0], away[0] + leaveMs])
        for (const [, toMs] of untilNow(intersect(intersect(hears(observer), sees), [away]))) {
          const ms = total(subtract([[away[0], toMs]], stalls))
          ghost.add(ms, () => describe([away[0], toMs], up, observer, other))
          if (hasSaid) left.add(ms, () => describe([away[0], toMs], up, observer, other))
        }
      }
    }
  }
  return { ghost, left, falseAbsence, slowReturn }
}

/** Keeps the worst. What it was is put into words only when it is. */
class WorstOf implements Worst {
  ms = 0
  what = 'nothing'

  add(ms: number, tell: () => string): void {
    if (ms <= this.ms) return
    this.ms = ms
    this.what = tell()
  }
}

/** Where in the story something was, and what was so around it. */
function describe([fromMs, toMs]: Interval, up: Intervals, observer: Life, other = observer): string {
  const around = (some: Intervals): string =>
    intersect(some, [[fromMs - 20_000, toMs + 5_000]])
      .map(([from, to]) => `${seconds(from)}–${seconds(to)}`)
      .join(' ')
  const tell = ({ live, here, spoiled }: Life): string =>
    `live ${around(live)}, here ${around(here)}, spoiled ${around(spoiled)}`
  const seen = around(observer.seen.get(other.clientId) ?? [])
  return `${seconds(fromMs)}–${seconds(toMs)}: observer ${tell(observer)}; other ${tell(other)}; seen ${seen}; server up ${around(up)}`
}

function seconds(ms: number): string {
  return (ms / 1_000).toFixed(2)
}

/** Longer by the moment that news take. */
function late(some: Intervals): Intervals {
  const free = invert(some).map(([fromMs, toMs]): Interval => [fromMs + newsMs, toMs])
  return invert(free.filter(([fromMs, toMs]) => fromMs < toMs))
}

function covers(some: Intervals, [fromMs, toMs]: Interval): boolean {
  return some.some(([from, to]) => from <= fromMs && toMs <= to)
}
