/**
 * Runs steps in order and stops at the first red one. A step is `{ name, run }`, where `run` resolves with
 * `{ code, output?, note? }`. Prints one line a step; the output of a step only when it is red.
 */
export async function runSteps(steps) {
  for (const { name, run } of steps) {
    const startedAt = performance.now()
    const { code, output = '', note } = await run()
    const seconds = `${((performance.now() - startedAt) / 1000).toFixed(1)} s`
    if (code !== 0) {
      if (output) console.error(output.trimEnd())
      console.error(`✗ ${name}, after ${seconds}`)
      return name
    }
    console.log(`✓ ${name}, ${seconds}${note ? ` (${note})` : ''}`)
  }
  return undefined
}
