// npm start: from a fresh clone to a running demo. Only Node's own modules until the install is done.
import { ensureInstalled } from './lib/install.mjs'
import { endAll, endWithUs, run, start } from './lib/processes.mjs'
import { quietTools, tool } from './lib/tools.mjs'

endWithUs(0)

async function build() {
  const { code, output } = await run(
    tool('turbo'),
    ['run', 'build', '--filter=@app/demo', '--filter=@app/server', '--output-logs=errors-only'],
    {
      quiet: true,
      env: quietTools,
    },
  )
  if (code === 0) return
  console.error(output.trimEnd())
  throw new Error('The build failed; the reason is above.')
}

try {
  await ensureInstalled()
  console.log('Building (at once when nothing changed)')
  await build()
} catch (error) {
  await endAll()
  console.error(error.message)
  process.exit(1)
}

const server = start(
  process.execPath,
  ['packages/server/bin/presence-server.mjs', '--static', 'apps/demo/dist', ...process.argv.slice(2)],
  {
    env: { PRESENCE_PORT: process.env.PRESENCE_PORT ?? '4400', PRESENCE_DB: process.env.PRESENCE_DB ?? 'presence.db' },
  },
)
const { code } = await server.done
process.exitCode = code
