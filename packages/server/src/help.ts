import { commandNames, commands, type CommandName } from './commands.ts'

/** What `--help` prints, of the server or of another command. */
export function helpText(name: CommandName = 'run'): string {
  const { flags, variables } = commands[name]
  const usages = (name === 'run' ? commandNames : [name]).map((each) => {
    const { usage, does } = commands[each]
    return `  presence-server ${usage.padEnd(19)} ${does}`
  })
  return [
    ...(name === 'run' ? ['presence-server: who is here, from a server of your own.', ''] : []),
    ...usages,
    '',
    ...flags.map(({ flag, value, variable = '', help }) =>
      row(value === undefined ? `--${flag}` : `--${flag} ${value}`, variable, help),
    ),
    ...variables.map(({ variable, help }) => row('', variable, help)),
    '',
    ...(name === 'run' ? precedence : []),
  ].join('\n')
}

const precedence = [
  'A flag wins over its variable, a variable over the config file. The config file exports the same options by name',
  '(port, graceMs, …), and what createPresenceServer takes beside them, such as an auth function. Other commands have a',
  '--help of their own.',
  '',
]

function row(flag: string, variable: string, help: string): string {
  return `  ${flag.padEnd(19)} ${variable.padEnd(22)} ${help}`
}
