// npm run test:long [-- --write]: the tests of the real world, with the defaults of the program and for as long as leases
// take. Prints the worst of what was measured, and with --write puts it into docs/truth.md.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { browserStep } from './lib/browser.mjs'
import { ensureInstalled } from './lib/install.mjs'
import { endAll, endWithUs, root, run } from './lib/processes.mjs'
import { runSteps } from './lib/steps.mjs'
import { quietTools, tool } from './lib/tools.mjs'
import { fillIn, promisesOf, say, worstOf } from './lib/truth.mjs'

endWithUs(130)
const { values } = parseArgs({ options: { write: { type: 'boolean', default: false } } })
const page = join(root, 'docs/truth.md')
const measures = join(root, 'test-results/truth.jsonl')
const env = { PRESENCE_LONG: '1' }
const vitest = (project) => run(tool('vitest'), ['run', '--project', project], { env })

const steps = [
  { name: 'build', run: () => run(process.execPath, ['scripts/build.mjs'], { quiet: true, env: quietTools }) },
  // Alone, because it needs the whole machine.
  { name: 'five hundred clients in trouble', run: () => vitest('trouble') },
  { name: 'processes, networks, disks and clocks', run: () => vitest('world') },
  browserStep,
  { name: 'tabs', run: () => run(tool('playwright'), ['test', 'real-tabs'], { env }) },
]

let red
try {
  await ensureInstalled()
  rmSync(measures, { force: true })
  mkdirSync(join(root, 'test-results'), { recursive: true })
  red = await runSteps(steps)
} catch (error) {
  console.error(error.message)
  red = 'set-up'
}
await endAll()
if (red) console.error(`Stopped at: ${red}`)
else process.exitCode = report()
if (red) process.exitCode = 1

function report() {
  const text = readFileSync(page, 'utf8')
  const worst = worstOf(readFileSync(measures, 'utf8'))
  let missing = 0
  console.log('\npromise: worst that was measured, of its bound (how often)')
  for (const [promise, { bound }] of promisesOf(text)) {
    const found = worst.get(promise)
    if (!found) missing++
    const measured = found ? `${say(found.measured, bound)} of ${bound} (${found.times})` : 'not measured'
    console.log(`${promise}: ${measured}`)
  }
  if (values.write) writeFileSync(page, fillIn(text, worst))
  return missing === 0 ? 0 : 1
}
