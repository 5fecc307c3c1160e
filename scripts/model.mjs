// npm run model -- --runs N --seed S: more of the model than npm test has time for.
import { parseArgs } from 'node:util'
import { endAll, endWithUs, run } from './lib/processes.mjs'
import { tool } from './lib/tools.mjs'

endWithUs(130)
const { values } = parseArgs({ options: { runs: { type: 'string' }, seed: { type: 'string' } } })
const { runs = '10000', seed = String(Math.floor(Math.random() * 1_000_000)) } = values
for (const [name, value] of Object.entries({ runs, seed })) {
  if (/^\d+$/.test(value)) continue
  console.error(`--${name} is a whole number, not "${value}".`)
  process.exit(1)
}
console.log(`${runs} scenarios from seed ${seed}; the same numbers give the same scenarios.`)
const files = ['tests/model/model-one.test.ts', 'tests/model/model-two.test.ts']
const { code } = await run(tool('vitest'), ['run', '--project', 'model', '--testTimeout', '0', ...files], {
  env: { MODEL_RUNS: runs, MODEL_SEED: seed },
})
await endAll()
process.exit(code)
