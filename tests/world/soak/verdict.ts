import { bounds } from '../bounds.ts'
import { settings } from '../scale.ts'
import type { Verdict } from '../story.ts'
import { growthOf, type Sample } from './samples.ts'

/** All that was found out. */
export interface Findings {
  readonly story: Verdict
  /** How the server stood before anything happened, all the while, and once all was quiet again. */
  readonly before: Sample
  readonly samples: readonly Sample[]
  readonly after: Sample
  /** How many ought to be connected in the end, each with an entry. */
  readonly living: number
  /** Those who in the end saw something other than what is there. */
  readonly mistaken: readonly string[]
  /** What the server logged as an error, and how it ended if nobody had asked it to. */
  readonly serverErrors: readonly string[]
  /** What clients were told through `onError`, by code. */
  readonly clientErrors: Readonly<Record<string, number>>
  /** What hostile clients brought about and must not. */
  readonly broken: readonly string[]
  /** How many hostile cases were tried, in lots that nothing came between. */
  readonly cases: number
  /** What a bot was answered over HTTP. */
  readonly answers: number
  /** How often somebody who reads nothing was shown out. */
  readonly slowEnded: number
  readonly minutes: number
  readonly memoryMaxBytes: number
}

/** One line of the report. */
export interface Line {
  readonly name: string
  readonly measured: string
  readonly bound: string
  readonly isKept: boolean
  /** What it was, for who wants to know why. */
  readonly what?: string
}

const megabyte = 1_048_576
// What V8 keeps for itself comes and goes by this much.
const growthSlackBytes = 12 * megabyte
const growthShare = 0.25
// The longest run of the server lasts 0.55 of it.
const growthMinutes = 6
// Whoever reads nothing is ended after less than that.
const slowMinutes = 2
// A timer more or less.
const handlesSlack = 12
/** What clients hear of in a time of trouble, and what is nobody's fault. */
const usual = new Set(['connection-failed', 'timeout', 'draining', 'slow-client'])

/** Holds what was found against what is promised: the bounds of docs/truth.md, and a server that does not grow. */
export function judgeSoak(found: Findings): readonly Line[] {
  const { story, before, samples, after, living, memoryMaxBytes } = found
  const growth = growthOf(samples)
  const growthMax = growth && Math.max(growthSlackBytes, growth.fromBytes * growthShare)
  const highest = Math.max(...[before, ...samples, after].map(({ memoryBytes }) => memoryBytes))
  const ownHandles = after.handles - after.connections - (before.handles - before.connections)
  const strange = Object.entries(found.clientErrors).filter(([code]) => !usual.has(code))
  const time = (name: string, { ms, what }: Verdict[keyof Verdict], boundMs: number): Line => ({
    ...{ name, measured: seconds(ms), bound: `at most ${seconds(boundMs)}`, isKept: ms <= boundMs, what },
  })
  /** What did not come about proves nothing. */
  const some = (name: string, count: number, isWanted = true): Line => ({
    ...{ name, measured: String(count), bound: isWanted ? 'at least 1' : 'any', isKept: !isWanted || count > 0 },
  })
  const none = (name: string, some: readonly string[]): Line => ({
    ...{ name, measured: String(some.length), bound: 'none', isKept: some.length === 0 },
    ...(some.length > 0 && { what: some.slice(0, 5).join('\n') }),
  })
  return [
    time('the longest that a ghost was seen', story.ghost, bounds['trouble-ghost'](settings)),
    time('the same of who said goodbye', story.left, bounds['trouble-left']()),
    time('the longest that somebody was missing', story.falseAbsence, bounds['trouble-absence'](settings)),
    time('the longest way back', story.slowReturn, bounds['trouble-return']()),
    none('in the end, clients that see something else', found.mistaken),
    {
      name: 'in the end, connections and entries',
      measured: `${after.connections} and ${after.entries}`,
      bound: `${living} and ${living}`,
      isKept: after.connections === living && after.entries === living,
    },
    {
      name: 'in the end, handles beside those of connections',
      measured: `${ownHandles < 0 ? '' : '+'}${ownHandles}`,
      bound: `at most +${handlesSlack}`,
      isKept: ownHandles <= handlesSlack,
    },
    growth === undefined || growthMax === undefined
      ? { name: 'growth of the heap', measured: 'too short to tell', bound: '', isKept: found.minutes < growthMinutes }
      : {
          name: `growth of the heap in ${(growth.overMs / 60_000).toFixed(1)} min, from ${megabytes(growth.fromBytes)}`,
          measured: megabytes(growth.bytes),
          bound: `at most ${megabytes(growthMax)}`,
          isKept: growth.bytes <= growthMax,
        },
    {
      name: 'the most memory',
      measured: megabytes(highest),
      bound: `at most ${megabytes(memoryMaxBytes)}`,
      isKept: highest <= memoryMaxBytes,
    },
    none('errors and ends of the server', found.serverErrors),
    none(
      'errors that clients should not meet',
      strange.map(([code, times]) => `${code}: ${times}`),
    ),
    none('what hostile clients and a bot broke', found.broken),
    some('hostile cases', found.cases),
    some('answers to a bot', found.answers),
    some('ends of sockets that read nothing', found.slowEnded, found.minutes >= slowMinutes),
  ]
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`
}

function megabytes(bytes: number): string {
  return `${(bytes / megabyte).toFixed(1)} MiB`
}
