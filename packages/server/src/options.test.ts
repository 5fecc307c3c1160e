import { tmpdir } from 'node:os'
import { expect, test } from 'vitest'
import { helpText } from './help.ts'
import { readCommand, type Command, type LoadConfig } from './options.ts'
import { settings } from './settings.ts'

function config(options: Record<string, unknown>): LoadConfig {
  return async (asked) => ({ name: asked ?? 'presence.config.mjs', options })
}

const read = (args: string[], env: Record<string, string> = {}, load = config({})): Promise<Command> =>
  readCommand({ args, env }, load)

async function settingsOf(args: string[], env: Record<string, string> = {}, load = config({})): Promise<unknown> {
  const command = await read(args, env, load)
  return command.kind === 'run' ? command.settings : command.kind
}

test('a flag wins over its variable, a variable over the config file', async () => {
  const file = config({ port: 1, host: 'a.localhost', graceMs: 7 })
  expect(await settingsOf(['--port', '3'], { PRESENCE_PORT: '2', PRESENCE_HOST: '::1' }, file)).toEqual({
    port: 3,
    host: '::1',
    graceMs: 7,
  })
})

test('every setting is read from its variable', async () => {
  const env = {
    PRESENCE_PORT: '0',
    PRESENCE_HOST: '0.0.0.0',
    PRESENCE_DB: 'a.db',
    PRESENCE_RESTART: 'resume',
    PRESENCE_OPEN: '1',
    PRESENCE_STATIC: tmpdir(),
    PRESENCE_GRACE_MS: '0',
    PRESENCE_ORIGINS: 'https://a.example, http://localhost:5173',
    PRESENCE_LOG_LEVEL: 'silent',
  }
  expect(await settingsOf([], env)).toEqual({
    port: 0,
    host: '0.0.0.0',
    db: 'a.db',
    restart: 'resume',
    open: true,
    static: tmpdir(),
    graceMs: 0,
    origins: ['https://a.example', 'http://localhost:5173'],
    logLevel: 'silent',
  })
})

test('what only a config file can say is passed on', async () => {
  const auth = (): null => null
  expect(await settingsOf([], {}, config({ auth }))).toEqual({ auth })
})

test('an empty variable is not set', async () => {
  expect(await settingsOf([], { PRESENCE_PORT: '', PRESENCE_JWT_SECRET: '' })).toEqual({})
})

test('a wrong value is refused in one line that names where it was said, the value and what was wanted', async () => {
  const wrong: [string[], Record<string, string>, string[]][] = [
    [['--port', '70000'], {}, ['--port', '70000', 'from 0 to 65535']],
    [[], { PRESENCE_PORT: 'http' }, ['PRESENCE_PORT', "'http'", 'whole number']],
    [[], { PRESENCE_RESTART: 'maybe' }, ['PRESENCE_RESTART', "'maybe'", 'fresh or resume']],
    [[], { PRESENCE_OPEN: 'yes' }, ['PRESENCE_OPEN', "'yes'", '1 or 0']],
    [[], { PRESENCE_STATIC: '/no/such/place' }, ['PRESENCE_STATIC', '/no/such/place', 'directory']],
    [[], { PRESENCE_GRACE_MS: '-1' }, ['PRESENCE_GRACE_MS', "'-1'", 'from 0']],
    [[], { PRESENCE_ORIGINS: 'app.example' }, ['PRESENCE_ORIGINS', 'app.example', 'https://']],
    [['--log-level', 'loud'], {}, ['--log-level', "'loud'", 'silent']],
    [['--db', ' '], {}, ['--db', 'SQLite file']],
    [['--colour'], {}, ['--colour']],
    [['serve'], {}, ['serve']],
    [['--port'], {}, ['--port']],
  ]
  for (const [args, env, parts] of wrong) {
    const error = (await read(args, env).catch((refusal: unknown) => refusal)) as Error
    expect(error).toMatchObject({ name: 'PresenceError', code: 'bad-options' })
    expect(error.message).not.toContain('\n')
    for (const part of parts) expect(error.message).toContain(part)
  }
})

test('a wrong value in the config file names the file', async () => {
  const error = await read([], {}, config({ port: 'many' })).catch((refusal: unknown) => refusal)
  expect(error).toMatchObject({
    message: "port in presence.config.mjs is 'many'; wanted: a whole number from 0 to 65535.",
  })
})

test('what this version cannot do yet stops the start instead of being ignored', async () => {
  for (const variable of ['PRESENCE_JWT_SECRET', 'PRESENCE_JWKS_URL', 'PRESENCE_ADMIN_TOKEN', 'PRESENCE_REDIS_URL']) {
    const error = (await read([], { [variable]: 'hunter2' }).catch((refusal: unknown) => refusal)) as Error
    expect(error.message).toContain(`${variable} is set, but this version`)
    expect(error.message).not.toContain('hunter2')
  }
})

test('--help and --version win over everything else', async () => {
  expect(await read(['--help', '--port', 'x'])).toEqual({ kind: 'help' })
  expect(await read(['-v'], { PRESENCE_PORT: 'x' })).toEqual({ kind: 'version' })
})

test('the help names every flag and its variable', () => {
  for (const { flag, variable } of settings) {
    if (flag === undefined) continue
    expect(helpText()).toContain(`--${flag}`)
    expect(helpText()).toContain(variable)
  }
})
