import type { PresenceConfig } from './config.ts'
import { isPortFree } from './listen.ts'
import { lookAtDatabase, type DatabaseFacts } from './stores/sqlite-check.ts'

/** What a start would do, for `presence-server check`. Throws `bad-options` where it would fail. */
export async function checkLines(
  {
    settings,
    config,
  }: {
    readonly settings: PresenceConfig
    readonly config: string | undefined
  },
  warnings: readonly string[],
): Promise<readonly string[]> {
  const { port = 4400, host = '127.0.0.1', auth, jwtSecret, jwksUrl, open, adminToken, db = 'presence.db' } = settings
  const who = jwtSecret
    ? 'users with a token that is signed with the secret'
    : jwksUrl
      ? `users with a token that is signed with a key of ${jwksUrl}`
      : auth
        ? 'users whom the auth function knows'
        : open
          ? 'everyone (open)'
          : 'this machine only'
  const found = settings.store || db === ':memory:' ? undefined : lookAtDatabase(db)
  // Whoever has the database most likely has the port, too: before an upgrade it is asked beside the server that runs.
  const isFree = await isPortFree(port, host, found?.isInUse === true)
  return [
    `Config file: ${config ?? 'none'}.`,
    `Listens on port ${port} of ${host}, for ${who}.`,
    `Interface of the operator: ${adminToken === undefined ? 'off; PRESENCE_ADMIN_TOKEN is not set.' : 'on, with the admin token.'}`,
    storeLine(settings, db, found),
    ...(isFree ? [] : [`Port ${port} is in use now.`]),
    ...warnings,
    found?.isInUse ? 'A server has the database now: a start would work once that has ended.' : 'A start would work.',
  ]
}

function storeLine({ store, restart = 'fresh' }: PresenceConfig, db: string, found: DatabaseFacts | undefined): string {
  if (store) return 'Store: your own, which is not opened now.'
  if (db === ':memory:') return 'Database: none; presence is kept in memory and ends with the program.'
  if (!found) return `Database: ${db} is not there, and would be made.`
  const { schema, latest, entries, rooms, clients } = found
  const stands = schema === latest ? 'the newest' : `would be migrated to ${latest}`
  const what =
    entries === 0
      ? 'no entries'
      : restart === 'fresh'
        ? `${entries} entries in ${rooms} rooms, which would be forgotten (restart: fresh)`
        : `${entries} entries in ${rooms} rooms, of which those whose lease still runs would be there (restart: resume)`
  return `Database: ${db} has schema ${schema} (${stands}), ${clients} clients and ${what}.`
}
