import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root, run } from './processes.mjs'
import { tool } from './tools.mjs'

// What the README says may be a little too much, and never too little.
const slackBytes = 500

/** Measures what a bundler makes of the packages (.size-limit.json), and holds the README's table against it. */
export async function checkSizes() {
  const { code, output } = await run(tool('size-limit'), ['--json'], { quiet: true })
  const measured = parse(output)
  if (!measured) return { code: code || 1, output }
  const readme = readFileSync(join(root, 'README.md'), 'utf8')
  const wrong = measured.flatMap(({ name, passed, size, sizeLimit }) => {
    const kilobytes = (bytes) => `${(bytes / 1_000).toFixed(1)} kB`
    if (!passed) return [`${name}: ${kilobytes(size)}, at most ${kilobytes(sizeLimit)} (.size-limit.json).`]
    const said = Number(new RegExp(`^\\| ${name} \\| ([\\d.]+) kB \\|$`, 'm').exec(readme)?.[1]) * 1_000
    return said >= size - 50 && said <= size + slackBytes
      ? []
      : [`${name}: ${kilobytes(size)}, which README.md does not say.`]
  })
  return { code: wrong.length === 0 ? 0 : 1, output: wrong.join('\n') }
}

function parse(output) {
  try {
    return JSON.parse(output.slice(output.indexOf('[')))
  } catch {
    return undefined
  }
}
