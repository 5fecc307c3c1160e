import { readFileSync } from 'node:fs'
import { PresenceError } from '@app/protocol'
import { destination, pino, type Logger } from 'pino'
import { kickClient, listRooms } from './admin-client.ts'
import { checkLines } from './check-command.ts'
import type { PresenceConfig } from './config.ts'
import { loadConfig } from './config-file.ts'
import { issueToken } from './create-token.ts'
import { helpText } from './help.ts'
import { jwt } from './jwt.ts'
import { readCommand, strangeVariables } from './options.ts'
import { createPresenceServer, type PresenceServer } from './presence-server.ts'
import { roomsTable } from './rooms-table.ts'
import { parseSecret } from './secret.ts'
import type { PresenceServerOptions } from './server-options.ts'
import { sqliteStore } from './stores/sqlite-store.ts'

/*
 * The program: reads what it was told, runs a server, and stops it when it is asked to. It prints what was asked for, and
 * the address, on standard output, for people and for scripts; logs go to standard error as JSON.
 */

async function main(): Promise<void> {
  const command = await readCommand({ args: process.argv.slice(2), env: process.env }, loadConfig)
  switch (command.kind) {
    case 'help':
      return print(helpText(command.of))
    case 'version':
      return print(`${version()}\n`)
    case 'token':
      return print(
        `${(await issueToken(command.grant, parseSecret(command.secret, 'secret'), command.claims)).token}\n`,
      )
    case 'check':
      return print(`${(await checkLines(command, strangeVariables(process.env).map(misspelt))).join('\n')}\n`)
    case 'rooms': {
      const rooms = await listRooms(command.access, command.query)
      return print(command.isJson ? `${JSON.stringify(rooms, null, 2)}\n` : roomsTable(rooms))
    }
    case 'kick': {
      await kickClient(command.access, command.kick)
      return print(`Client ${command.kick.clientId} has no entry in ${command.kick.key} any more.\n`)
    }
    case 'run':
      return run(command.settings)
  }
}

async function run({ port, host, db = 'presence.db', logLevel = 'info', ...rest }: PresenceConfig): Promise<void> {
  const options = withTokens(rest)
  // A config file may bring a store or a logger of its own.
  const logger = pino({ name: 'presence-server', level: logLevel }, destination({ dest: 2, sync: true }))
  for (const variable of strangeVariables(process.env)) logger.warn({ variable }, misspelt(variable))
  const server = createPresenceServer({ store: sqliteStore({ file: db }), logger, ...options })
  const { url } = await server.listen({ port, host })
  stopOnSignals(server, logger)
  const kept = options.store ? 'in a store of your own' : db === ':memory:' ? 'in memory' : `in ${db}`
  const who = options.auth ? 'authenticated users' : options.open ? 'everyone (open)' : 'this machine only'
  print(`Presence is listening on ${url} for ${who}, kept ${kept}\n`)
}

function misspelt(variable: string): string {
  return `${variable} is set, but means nothing to presence-server. Is it misspelt?`
}

/** With a secret or a set of keys, tokens say who a client is. */
function withTokens({ jwtSecret, jwksUrl, jwtIssuer, jwtAudience, ...options }: PresenceConfig): PresenceServerOptions {
  if (jwtSecret === undefined && jwksUrl === undefined) return options
  return { ...options, auth: jwt({ secret: jwtSecret, jwks: jwksUrl, issuer: jwtIssuer, audience: jwtAudience }) }
}

/** The first signal drains; a second one ends it there and then. */
function stopOnSignals(server: PresenceServer, logger: Logger): void {
  let isStopping = false
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      if (isStopping) {
        logger.warn({ signal }, 'Stopped at once by a second signal. What was not written is lost.')
        // An exit would end SQLite's thread in the middle of a statement, which can end in a core dump (sqlite-thread.ts).
        process.removeAllListeners(signal)
        process.kill(process.pid, signal)
        return
      }
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

function print(text: string): void {
  process.stdout.write(text)
}

function fail(error: unknown): void {
  // Sentences for mistakes of the operator, everything for one of ours.
  const said =
    error instanceof PresenceError
      ? error.message.replaceAll(/^/gm, 'presence-server: ')
      : ((error as Error)?.stack ?? String(error))
  process.stderr.write(`${said}\n`, () => process.exit(1))
}

// Whoever reads it may have read enough.
process.stdout.on('error', () => {})
main().catch(fail)
