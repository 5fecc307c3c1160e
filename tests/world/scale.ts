/**
 * The tests of the real world run in two sizes: in `npm test` with short leases, in `npm run test:long` with the defaults of
 * the program, and for as long as the promises of docs/truth.md take.
 */
export const isLong = process.env['PRESENCE_LONG'] === '1'

/** What promises follow from. All times in milliseconds. */
export interface Settings {
  /** The lease of what is tracked. */
  readonly ttlMs: number
  readonly heldTtlMinMs: number
  readonly graceMs: number
  readonly persistMs: number
}

/** What a program runs with that was told nothing. */
export const defaults: Settings = { ttlMs: 30_000, heldTtlMinMs: 20_000, graceMs: 15_000, persistMs: 1_000 }

const short: Settings = { ttlMs: 3_000, heldTtlMinMs: 2_000, graceMs: 1_500, persistMs: 1_000 }

/** What the tests of this run work with. */
export const settings = isLong ? defaults : short
