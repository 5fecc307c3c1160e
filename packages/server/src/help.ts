import { settings } from './settings.ts'
import { tokenFlags } from './token-command.ts'

/** What `--help` prints. */
export function helpText(): string {
  const lines = settings.flatMap(({ flag, variable, kind, help }) =>
    help === undefined ? [] : [row(flag ? `--${flag}${kind === 'switch' ? '' : ' VALUE'}` : '', variable, help)],
  )
  const tokenLines = tokenFlags.map(({ flag, value, help }) => row(`--${flag} ${value}`, '', help))
  return [
    'presence-server: who is here, from a server of your own.',
    '',
    ...lines,
    row('--config FILE', 'PRESENCE_CONFIG', 'config file (presence.config.mjs)'),
    row('--help', '', 'print this'),
    row('--version', '', 'print the version'),
    '',
    'A flag wins over its variable, a variable over the config file. The config file exports the same options by name',
    '(port, graceMs, …), and what createPresenceServer takes beside them, such as an auth function.',
    '',
    'presence-server token --user ID: prints a token for a user, signed with the secret of the server.',
    '',
    ...tokenLines,
    '',
  ].join('\n')
}

function row(flag: string, variable: string, help: string): string {
  return `  ${flag.padEnd(19)} ${variable.padEnd(21)} ${help}`
}
