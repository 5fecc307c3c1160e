/** How a value that is refused stands in the sentence about it. */
export function shown(value: unknown): string {
  try {
    return (JSON.stringify(value) ?? typeof value).slice(0, 100)
  } catch {
    // A cycle, a BigInt, or nested so deeply that the stack ends first.
    return `of type ${typeof value}`
  }
}
