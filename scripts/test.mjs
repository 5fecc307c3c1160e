// npm test: everything, in the order in which it is cheapest to be told. Stops at the first red step.
import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { browserStep } from './lib/browser.mjs'
import { checks } from './lib/checks.mjs'
import { ensureInstalled } from './lib/install.mjs'
import { endAll, endWithUs, root, run } from './lib/processes.mjs'
import { programsStep } from './lib/programs.mjs'
import { ensureReactVersions } from './lib/react-versions.mjs'
import { runSteps } from './lib/steps.mjs'
import { quietTools, tool } from './lib/tools.mjs'

endWithUs(130)
const results = join(root, 'test-results')
const reports = []

/** A report of tests run, in the shape of Vitest's or Playwright's JSON. */
function counts(path) {
  try {
    const { numPassedTests, numFailedTests, stats } = JSON.parse(readFileSync(path, 'utf8'))
    return stats
      ? { passed: stats.expected + stats.flaky, failed: stats.unexpected }
      : { passed: numPassedTests, failed: numFailedTests }
  } catch {
    // The runner ended before it could write its report.
    return { passed: 0, failed: 1 }
  }
}

function vitest(project) {
  const report = join(results, `${project}.json`)
  return {
    name: `${project} tests`,
    async run() {
      reports.push(report)
      return run(tool('vitest'), [
        'run',
        '--project',
        project,
        '--reporter=dot',
        '--reporter=json',
        `--outputFile.json=${report}`,
      ])
    },
  }
}

const steps = [
  ...checks.map(({ name, run }) => ({ name: `check: ${name}`, run })),
  {
    name: 'build and packages',
    run: () => run(process.execPath, ['scripts/build.mjs'], { quiet: true, env: quietTools }),
  },
  vitest('unit'),
  vitest('react'),
  { name: 'React 17 and 18, for the tests', run: ensureReactVersions },
  vitest('react-18'),
  vitest('react-17'),
  vitest('model'),
  programsStep,
  vitest('integration'),
  vitest('world'),
  vitest('trouble'),
  browserStep,
  {
    name: 'browser tests',
    async run() {
      reports.push(join(results, 'e2e.json'))
      return run(tool('playwright'), ['test'])
    },
  },
]

let red
try {
  rmSync(results, { recursive: true, force: true })
  await ensureInstalled()
  red = await runSteps(steps)
} catch (error) {
  console.error(error.message)
  red = 'set-up'
}
await endAll()

const totals = reports.map(counts)
const sum = (key) => totals.reduce((total, count) => total + count[key], 0)
if (red) console.error(`Stopped at: ${red}`)
console.log(`${sum('passed')} passed, ${red ? Math.max(1, sum('failed')) : sum('failed')} failed`)
process.exit(red ? 1 : 0)
