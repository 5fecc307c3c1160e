import { readFileSync } from 'node:fs'
import { PresenceError } from '@app/protocol'
import { destination, pino } from 'pino'
import { loadConfig } from './config-file.ts'
import { createToken } from './create-token.ts'
import { helpText } from './help.ts'
import { jwt } from './jwt.ts'
import { readCommand, strangeVariables } from './options.ts'
import { createPresenceServer, type PresenceServer } from './presence-server.ts'
import type { PresenceServerOptions } from './server-options.ts'
import type { Settings } from './settings.ts'
import { sqliteStore } from './stores/sqlite-store.ts'

/*
 * The program: reads what it was told, runs a server, and stops it when it is asked to. It prints the address on
 * standard output, for people and for scripts; logs go to standard error as JSON.
 */

async function main(): Promise<void> {
  const command = await readCommand({ args: process.argv.slice(2), env: process.env }, loadConfig)
  if (command.kind === 'help') process.stdout.write(helpText())
  else if (command.kind === 'version') process.stdout.write(`${version()}\n`)
  else if (command.kind === 'token') process.stdout.write(`${await createToken(command.grant, command.secret)}\n`)
  else await run(command.settings)
}

async function run({ port, host, db = 'presence.db', logLevel = 'info', ...rest }: Settings): Promise<void> {
  const options = withTokens(rest)
  // A config file may bring a store or a logger of its own.
  const logger = pino({ name: 'presence-server', level: logLevel }, destination({ dest: 2, sync: true }))
  for (const variable of strangeVariables(process.env))
    logger.warn({ variable }, `${variable} is set, but means nothing to presence-server. Is it misspelt?`)
  const server = createPresenceServer({ store: sqliteStore({ file: db }), logger, ...options })
  const { url } = await server.listen({ port, host })
  stopOnSignals(server)
  const kept = options.store ? 'in a store of your own' : db === ':memory:' ? 'in memory' : `in ${db}`
  const who = options.auth ? 'authenticated users' : options.open ? 'everyone (open)' : 'this machine only'
  process.stdout.write(`Presence is listening on ${url} for ${who}, kept ${kept}\n`)
}

/** With a secret or a set of keys, tokens say who a client is. */
function withTokens({ jwtSecret, jwksUrl, jwtIssuer, jwtAudience, ...options }: Settings): PresenceServerOptions {
  if (jwtSecret === undefined && jwksUrl === undefined) return options
  return { ...options, auth: jwt({ secret: jwtSecret, jwks: jwksUrl, issuer: jwtIssuer, audience: jwtAudience }) }
}

/** The first signal drains; a second one does not wait. */
function stopOnSignals(server: PresenceServer): void {
  let isStopping = false
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      if (isStopping) process.exit(1)
      isStopping = true
      server.close().then(() => process.exit(0), fail)
    })
  }
}

function version(): string {
  const { version: text } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
    version: string
  }
  return text
}

function fail(error: unknown): void {
  // A sentence for a mistake of the operator, everything for one of ours.
  const said =
    error instanceof PresenceError ? `presence-server: ${error.message}` : ((error as Error)?.stack ?? String(error))
  process.stderr.write(`${said}\n`, () => process.exit(1))
}

main().catch(fail)
