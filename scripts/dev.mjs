// npm run dev: the demo with hot reload, and a server that starts again when its sources change.
import { ensureInstalled } from './lib/install.mjs'
import { endAll, endWithUs, run, start } from './lib/processes.mjs'
import { tool } from './lib/tools.mjs'

endWithUs(0)

const serverProject = 'packages/server/tsconfig.build.json'
const port = process.env.PRESENCE_PORT ?? '4400'

try {
  await ensureInstalled()
} catch (error) {
  console.error(error.message)
  process.exit(1)
}

// A first build, so that the server has something to start from; type errors do not stop us here.
await run(tool('tsc'), ['-b', serverProject])

const programs = [
  start(tool('tsc'), ['-b', serverProject, '--watch', '--preserveWatchOutput']),
  start(process.execPath, ['--watch', '--watch-preserve-output', 'packages/server/bin/presence-server.mjs'], {
    env: { PRESENCE_PORT: port, PRESENCE_DB: process.env.PRESENCE_DB ?? 'presence.db' },
  }),
  start(tool('vite'), ['--clearScreen', 'false', ...process.argv.slice(2)], {
    cwd: 'apps/demo',
    env: { PRESENCE_PORT: port },
  }),
]
const { code } = await Promise.race(programs.map((program) => program.done))
await endAll()
process.exitCode = code
