import type { Clock } from '@app/protocol'

// So few cost nothing; more would keep what they were for in memory until a deadline that may be a day away.
const skippedMax = 64

interface Alarm<Item> {
  readonly item: Item
  readonly atMs: number
}

export interface SweeperOptions<Item> {
  readonly clock: Clock
  readonly nowMs: () => number
  readonly check: (item: Item, nowMs: number) => number | undefined
  /** Called by the timer when a deadline has passed: to `sweep`, and to do what comes after. */
  readonly wake: () => void
}

/**
 * Calls `check` for each watched item soon after its deadline, sleeping to the earliest one.
 * `check` returns the deadline that the item has by then, or undefined to forget it: a deadline that only moves
 * later need not be told, the item is found waiting when its old one passes.
 */
export class Sweeper<Item> {
  readonly #clock: Clock
  readonly #nowMs: () => number
  readonly #check: (item: Item, nowMs: number) => number | undefined
  readonly #wake: () => void
  /** A binary heap, earliest first. An alarm that is no longer its item's is skipped when it comes up. */
  #heap: Alarm<Item>[] = []
  readonly #alarms = new Map<Item, Alarm<Item>>()
  #sleepsUntilMs = Number.POSITIVE_INFINITY
  #cancel: () => void = () => {}

  constructor({ clock, nowMs, check, wake }: SweeperOptions<Item>) {
    this.#clock = clock
    this.#nowMs = nowMs
    this.#check = check
    this.#wake = wake
  }

  /** Makes sure that the item is looked at once this deadline has passed. */
  watch(item: Item, deadlineMs: number): void {
    const known = this.#alarms.get(item)
    if (known && known.atMs <= deadlineMs) return
    const alarm: Alarm<Item> = { item, atMs: deadlineMs }
    this.#alarms.set(item, alarm)
    push(this.#heap, alarm)
    this.#tidy()
    this.#sleep()
  }

  forget(item: Item): void {
    this.#alarms.delete(item)
  }

  /** Looks at everything whose deadline has passed. Anyone may call it who cannot wait for the timer. */
  sweep(nowMs: number): void {
    for (let first = this.#heap[0]; first && nowMs > first.atMs; first = this.#heap[0]) {
      pop(this.#heap)
      if (this.#alarms.get(first.item) !== first) continue
      this.#alarms.delete(first.item)
      const nextMs = this.#check(first.item, nowMs)
      if (nextMs !== undefined) this.watch(first.item, Math.max(nextMs, nowMs))
    }
    this.#sleep()
  }

  stop(): void {
    this.#cancel()
    this.#heap.length = 0
    this.#alarms.clear()
  }

  get size(): number {
    return this.#alarms.size
  }

  /** How many alarms are kept, those that are skipped included. */
  get kept(): number {
    return this.#heap.length
  }

  /** A list in order is a heap, too: made anew once most of it is of items that went long before their deadline. */
  #tidy(): void {
    if (this.#heap.length <= 2 * this.#alarms.size + skippedMax) return
    this.#heap = [...this.#alarms.values()].sort((a, b) => a.atMs - b.atMs)
  }

  #sleep(): void {
    const first = this.#heap[0]
    const untilMs = first ? first.atMs : Number.POSITIVE_INFINITY
    if (untilMs >= this.#sleepsUntilMs) return
    this.#cancel()
    this.#sleepsUntilMs = untilMs
    // Expired is later than the deadline, not at it; moments are whole milliseconds.
    this.#cancel = this.#clock.after(untilMs - this.#nowMs() + 1, () => {
      this.#sleepsUntilMs = Number.POSITIVE_INFINITY
      this.#wake()
    })
  }
}

function push<Item>(heap: Alarm<Item>[], alarm: Alarm<Item>): void {
  let child = heap.length
  heap.push(alarm)
  while (child > 0) {
    const parent = (child - 1) >> 1
    if (at(heap, parent).atMs <= alarm.atMs) break
    heap[child] = at(heap, parent)
    child = parent
  }
  heap[child] = alarm
}

function pop<Item>(heap: Alarm<Item>[]): void {
  const last = heap.pop()
  if (last === undefined || heap.length === 0) return
  let parent = 0
  for (;;) {
    let child = 2 * parent + 1
    if (child >= heap.length) break
    if (child + 1 < heap.length && at(heap, child + 1).atMs < at(heap, child).atMs) child++
    if (at(heap, child).atMs >= last.atMs) break
    heap[parent] = at(heap, child)
    parent = child
  }
  heap[parent] = last
}

function at<Item>(heap: readonly Alarm<Item>[], index: number): Alarm<Item> {
  return heap[index] as Alarm<Item>
}
