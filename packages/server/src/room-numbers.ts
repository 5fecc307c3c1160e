/**
 * The room numbers that one connection was told in snapshots. Other numbers mean nothing to it, so nobody gets at a room
 * by guessing; and a number keeps its meaning after the room was dropped. Of more than `max` the oldest is forgotten.
 */
export class RoomNumbers {
  readonly #places = new Map<number, string>()
  readonly #numbers = new Map<string, number>()
  readonly #max: number

  constructor(max: number) {
    this.#max = max
  }

  /** From now on the number stands for the place, and the one before it does not. */
  tell(place: string, number: number): void {
    this.#forget(place)
    this.#numbers.set(place, number)
    this.#places.set(number, place)
    const [oldest] = this.#numbers.keys()
    if (this.#numbers.size > this.#max && oldest !== undefined) this.#forget(oldest)
  }

  place(number: number): string | undefined {
    return this.#places.get(number)
  }

  #forget(place: string): void {
    const number = this.#numbers.get(place)
    this.#numbers.delete(place)
    if (number !== undefined) this.#places.delete(number)
  }
}
