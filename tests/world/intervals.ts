/** Spans of time, in order, none touching the next. */
export type Intervals = readonly Interval[]
export type Interval = readonly [fromMs: number, toMs: number]

/** When both were so. */
export function intersect(some: Intervals, others: Intervals): Intervals {
  const found: Interval[] = []
  let [i, j] = [0, 0]
  for (;;) {
    const [a, b] = [some[i], others[j]]
    if (!a || !b) return found
    const from = Math.max(a[0], b[0])
    const to = Math.min(a[1], b[1])
    if (from < to) found.push([from, to])
    if (a[1] < b[1]) i++
    else j++
  }
}

/** When it was not so. */
export function invert(some: Intervals): Intervals {
  const found: Interval[] = []
  let from = Number.NEGATIVE_INFINITY
  for (const [start, end] of some) {
    if (from < start) found.push([from, start])
    from = end
  }
  if (from < Number.POSITIVE_INFINITY) found.push([from, Number.POSITIVE_INFINITY])
  return found
}

/** When the first was so, and the other was not. */
export function subtract(some: Intervals, others: Intervals): Intervals {
  return intersect(some, invert(others))
}

/** How long it was so in all. */
export function total(some: Intervals): number {
  return some.reduce((sum, [from, to]) => sum + to - from, 0)
}

/** Notes when something begins and ends to be so. What begins twice begins once. */
export class Span {
  readonly #done: Interval[] = []
  #fromMs: number | undefined

  begin(atMs: number): void {
    this.#fromMs ??= atMs
  }

  end(atMs: number): void {
    if (this.#fromMs !== undefined && this.#fromMs < atMs) this.#done.push([this.#fromMs, atMs])
    this.#fromMs = undefined
  }

  get isOpen(): boolean {
    return this.#fromMs !== undefined
  }

  /** What is still so has no end. */
  get intervals(): Intervals {
    return this.#fromMs === undefined ? this.#done : [...this.#done, [this.#fromMs, Number.POSITIVE_INFINITY]]
  }
}

/** Notes when at least one of several reasons for something held. */
export class Layers {
  readonly #span = new Span()
  #depth = 0

  begin(atMs: number): void {
    if (this.#depth++ === 0) this.#span.begin(atMs)
  }

  end(atMs: number): void {
    if (--this.#depth === 0) this.#span.end(atMs)
  }

  get isOpen(): boolean {
    return this.#span.isOpen
  }

  get intervals(): Intervals {
    return this.#span.intervals
  }
}
