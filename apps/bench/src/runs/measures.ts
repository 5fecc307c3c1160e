/** What one run found, by name. A run leaves out what it did not look at. */
export type Measures = Readonly<Record<string, number>>

/** A generator that was this busy may have been what was measured. */
export function isSaturated({ generatorCores = 0, generatorStallP99Ms = 0 }: Measures): boolean {
  return generatorCores > 0.9 || generatorStallP99Ms > 50
}
