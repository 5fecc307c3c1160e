/**
 * The room numbers that one connection was told in snapshots. Other numbers mean nothing to it, so nobody gets at a room
 * by guessing; and a number keeps its meaning after the room was dropped.
 */
export class RoomNumbers {
  readonly #keys = new Map<number, string>()
  readonly #numbers = new Map<string, number>()

  /** From now on the number stands for the key, and the one before it does not. */
  tell(key: string, number: number): void {
    this.#keys.delete(this.#numbers.get(key) ?? number)
    this.#numbers.set(key, number)
    this.#keys.set(number, key)
  }

  key(number: number): string | undefined {
    return this.#keys.get(number)
  }
}
