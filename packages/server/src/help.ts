import { settings } from './settings.ts'

/** What `--help` prints. */
export function helpText(): string {
  const lines = settings.flatMap(({ flag, variable, kind, help }) =>
    flag === undefined ? [] : [row(`--${flag}${kind === 'switch' ? '' : ' VALUE'}`, variable, help ?? '')],
  )
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
  ].join('\n')
}

function row(flag: string, variable: string, help: string): string {
  return `  ${flag.padEnd(19)} ${variable.padEnd(19)} ${help}`
}
