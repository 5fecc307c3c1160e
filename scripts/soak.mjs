// npm run soak -- --minutes 30 [--clients N] [--seed S] [--max-memory-mb M]: a server under churn, slow and hostile clients,
// broken networks, stalls and restarts, and in the end a report. Exit code 1 when something is out of its bound.
import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { ensureInstalled } from './lib/install.mjs'
import { endAll, endWithUs, root, run } from './lib/processes.mjs'
import { wholeSoak, sayReport } from './lib/soak.mjs'
import { quietTools, tool } from './lib/tools.mjs'

endWithUs(130)
const file = join(root, 'test-results/soak.json')

async function soak() {
  const options = wholeSoak(readArgs())
  await ensureInstalled()
  const build = ['run', 'build', '--filter=@app/client', '--filter=@app/server', '--output-logs=errors-only']
  const built = await run(tool('turbo'), build, { quiet: true, env: quietTools })
  if (built.code !== 0) throw new Error(built.output)
  rmSync(file, { force: true })
  console.log(`${options.minutes} minutes, ${options.clients} clients, seed ${options.seed}`)
  const ran = await run(
    tool('vitest'),
    ['run', '--project', 'soak', '--reporter', 'dot', '--disableConsoleIntercept'],
    {
      // Under two minutes nobody would see a lease of half a minute end.
      env: {
        PRESENCE_SOAK: JSON.stringify({ ...options, report: file }),
        ...(options.minutes >= 2 && { PRESENCE_LONG: '1' }),
      },
    },
  )
  if (ran.code !== 0) return 1
  const report = JSON.parse(readFileSync(file, 'utf8'))
  console.log(sayReport(report))
  return report.lines.every(({ isKept }) => isKept) ? 0 : 1
}

function readArgs() {
  const text = { type: 'string' }
  return parseArgs({ options: { minutes: text, clients: text, seed: text, 'max-memory-mb': text } }).values
}

try {
  process.exitCode = await soak()
} catch (error) {
  console.error(error.message)
  process.exitCode = 1
}
await endAll()
