/** Whether two say the same: a user, for one, comes over the wire again and again, another object each time. */
export function isSameJson(one: unknown, other: unknown): boolean {
  return one === other || JSON.stringify(one) === JSON.stringify(other)
}
