import type { Flag } from './flags.ts'
import { settings } from './settings.ts'
import { tokenFlags } from './token-command.ts'

/** What the program can be asked for, by its first word; without one it runs a server. */
export const commandNames = ['run', 'check', 'token', 'rooms', 'kick'] as const
export type CommandName = (typeof commandNames)[number]

export interface CommandHelp {
  /** What stands behind its name. */
  readonly usage: string
  readonly does: string
  readonly flags: readonly Flag[]
  /** Variables that have no flag: other users of a machine can read flags. */
  readonly variables: readonly { readonly variable: string; readonly help: string }[]
}

const both: readonly Flag[] = [
  { flag: 'config', value: 'FILE', variable: 'PRESENCE_CONFIG', help: 'config file (presence.config.mjs)' },
  { flag: 'help', help: 'print this' },
]

const ofServer = {
  flags: [
    ...settings.flatMap(({ flag, variable, kind, help = '' }) =>
      flag === undefined ? [] : [{ flag, value: kind === 'switch' ? undefined : 'VALUE', variable, help }],
    ),
    ...both,
  ],
  variables: settings.flatMap(({ flag, variable, help }) =>
    flag !== undefined || help === undefined ? [] : [{ variable, help }],
  ),
}

const toServer: readonly Flag[] = [
  { flag: 'url', value: 'URL', variable: 'PRESENCE_URL', help: 'the server (http://localhost:4400)' },
  { flag: 'tenant', value: 'NAME', help: 'whose rooms they are' },
]
const adminToken = [{ variable: 'PRESENCE_ADMIN_TOKEN', help: "the server's" }]

export const commands: Readonly<Record<CommandName, CommandHelp>> = {
  run: {
    ...ofServer,
    usage: '[run]',
    does: 'runs a server',
    flags: [...ofServer.flags, { flag: 'version', help: 'print the version' }],
  },
  check: { ...ofServer, usage: 'check', does: 'says what a start would do, and changes nothing; 1 if it would fail' },
  token: {
    usage: 'token --user ID',
    does: 'prints a token for a user, signed with the secret of the server',
    flags: [...tokenFlags, ...both],
    variables: [{ variable: 'PRESENCE_JWT_SECRET', help: "the server's" }],
  },
  rooms: {
    usage: 'rooms',
    does: 'lists the rooms of a server that runs, with how many are in them',
    flags: [
      ...toServer,
      { flag: 'prefix', value: 'TEXT', help: 'only keys that begin so, such as pr:team/' },
      { flag: 'json', help: 'print a JSON array, for programs' },
      ...both,
    ],
    variables: adminToken,
  },
  kick: {
    usage: 'kick KEY CLIENT_ID',
    does: "takes a client's entry out of a room of a server that runs",
    flags: [...toServer, { flag: 'ban-ms', value: 'MS', help: 'for how long it may not come back (60000)' }, ...both],
    variables: adminToken,
  },
}
