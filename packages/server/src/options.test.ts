import { tmpdir } from 'node:os'
import { describe, expect, test } from 'vitest'
import { helpText } from './help.ts'
import { readCommand, type Command, type LoadConfig, strangeVariables } from './options.ts'
import { settings } from './settings.ts'
import { tokenFlags } from './token-command.ts'

function config(options: Record<string, unknown>): LoadConfig {
  return async (asked) => ({ name: asked ?? 'presence.config.mjs', options })
}

const secret = 'correct horse battery staple, and 32 bytes'
const adminToken = 'an-admin-token-of-32-characters!'

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
    PRESENCE_TRUST_PROXY: '1',
    PRESENCE_ORIGINS: 'https://a.example, http://localhost:5173',
    PRESENCE_LOG_LEVEL: 'silent',
    PRESENCE_LOG_ADDRESSES: '1',
    PRESENCE_JWT_SECRET: secret,
    PRESENCE_JWT_ISSUER: 'https://id.example/',
    PRESENCE_JWT_AUDIENCE: 'presence',
    PRESENCE_ADMIN_TOKEN: adminToken,
  }
  expect(await settingsOf([], env)).toEqual({
    port: 0,
    host: '0.0.0.0',
    db: 'a.db',
    restart: 'resume',
    open: true,
    static: tmpdir(),
    graceMs: 0,
    trustProxy: 1,
    origins: ['https://a.example', 'http://localhost:5173'],
    logLevel: 'silent',
    logAddresses: true,
    jwtSecret: secret,
    jwtIssuer: 'https://id.example/',
    jwtAudience: 'presence',
    adminToken,
  })
  expect(await settingsOf([], { PRESENCE_JWKS_URL: 'https://id.example/keys' })).toEqual({
    jwksUrl: 'https://id.example/keys',
  })
})

test('what only a config file can say is passed on', async () => {
  const auth = (): null => null
  expect(await settingsOf([], {}, config({ auth }))).toEqual({ auth })
})

test('an empty variable is not set', async () => {
  expect(await settingsOf([], { PRESENCE_PORT: '' })).toEqual({})
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
  expect(await refusal([], { PRESENCE_REDIS_URL: 'hunter2' })).toContain('PRESENCE_REDIS_URL is set, but this version')
})

/** The one line that stops the start. It never has a secret in it. */
async function refusal(args: string[], env: Record<string, string>, load = config({})): Promise<string> {
  const error = (await read(args, env, load).catch((reason: unknown) => reason)) as Error
  expect(error).toMatchObject({ name: 'PresenceError', code: 'bad-options' })
  expect(error.message).not.toMatch(/hunter2|correct horse|\n/)
  return error.message
}

test('a secret or a set of keys that cannot be used is refused by name, without its value', async () => {
  expect(await refusal([], { PRESENCE_JWT_SECRET: 'hunter2' })).toMatch(/PRESENCE_JWT_SECRET .* at least 32 bytes/)
  expect(await refusal([], {}, config({ jwtSecret: 7 }))).toContain('jwtSecret in presence.config.mjs')
  for (const url of ['http://id.example/hunter2', 'https://ada:hunter2@id.example', 'hunter2 hunter2 hunter2 hunter2'])
    expect(await refusal([], { PRESENCE_JWKS_URL: url })).toMatch(/PRESENCE_JWKS_URL .* https/)
  expect(await refusal([], { PRESENCE_JWT_SECRET: secret, PRESENCE_JWT_ISSUER: ' ' })).toContain('PRESENCE_JWT_ISSUER')
  expect(await refusal([], {}, config({ jwtSecret: secret, jwtAudience: [] }))).toContain('jwtAudience in')
})

test('an admin token that cannot be used is refused by name, without its value', async () => {
  for (const token of ['hunter2', 'hunter2 '.repeat(5), 'hünter2'.repeat(5), 'hunter2\n'.repeat(5)]) {
    const line = await refusal([], { PRESENCE_ADMIN_TOKEN: token })
    expect(line).toMatch(/^PRESENCE_ADMIN_TOKEN cannot be used; wanted: at least 32 visible ASCII characters/)
    expect(line).not.toContain('nter2')
  }
  expect(await refusal([], {}, config({ adminToken: 7 }))).toContain('adminToken in presence.config.mjs')
  expect(await refusal([], { PRESENCE_ADMIN_TOKEN: '' })).toContain('PRESENCE_ADMIN_TOKEN is set and empty')
})

test('[U1] who a client is is said in one way, or the server does not start', async () => {
  const keys = { PRESENCE_JWKS_URL: 'https://id.example/keys' }
  const auth = (): null => null
  expect(await refusal([], { ...keys, PRESENCE_JWT_SECRET: secret })).toMatch(/PRESENCE_JWT_SECRET.*PRESENCE_JWKS_URL/)
  expect(await refusal([], keys, config({ jwtSecret: secret }))).toMatch(/jwtSecret in .*PRESENCE_JWKS_URL/)
  expect(await refusal([], keys, config({ auth }))).toMatch(/PRESENCE_JWKS_URL.*auth in presence\.config\.mjs/)
  expect(await refusal([], { PRESENCE_JWT_SECRET: secret }, config({ auth }))).toMatch(/PRESENCE_JWT_SECRET.*auth in/)
})

test('[A4] an issuer or an audience without tokens does not leave a server open', async () => {
  expect(await refusal([], { PRESENCE_JWT_ISSUER: 'https://id.example/' })).toContain('PRESENCE_JWT_ISSUER is set')
  expect(await refusal([], {}, config({ jwtAudience: 'presence', auth: () => null }))).toContain('jwtAudience in')
})

test('secrets are no flags: other users of a machine can read those', async () => {
  for (const flag of ['--jwt-secret', '--jwtSecret', '--secret', '--jwks-url', '--admin-token']) {
    expect(await refusal([flag, secret], {})).toContain(`Unknown option '${flag}'`)
    expect(await refusal(['token', '--user', 'ada', flag, secret], {})).toContain(`Unknown option '${flag}'`)
  }
})

describe('token', () => {
  const env = { PRESENCE_JWT_SECRET: secret }

  test('is a command that says for whom and for what', async () => {
    expect(await read(['token', '--user', 'ada'], env)).toEqual({
      kind: 'token',
      grant: { user: { id: 'ada' }, rooms: ['pr:**'], tenant: undefined, ttlMs: 3_600_000 },
      secret,
    })
    const all = '--user ada --name Ada --rooms pr:board,pr:team/* --tenant acme --ttl-ms 1000'.split(' ')
    expect(await read(['token', ...all], env)).toMatchObject({
      grant: { user: { id: 'ada', name: 'Ada' }, rooms: ['pr:board', 'pr:team/*'], tenant: 'acme', ttlMs: 1_000 },
    })
    expect(await read(['token', '--user', 'ada', '--read', 'pr:**, pr:x'], env)).toMatchObject({
      grant: { rooms: { read: ['pr:**', 'pr:x'], write: [] } },
    })
    expect(await read(['token', '--user', 'ada', '--write', 'pr:a'], env)).toMatchObject({
      grant: { rooms: { read: [], write: ['pr:a'] } },
    })
  })

  test('takes the secret of the config file, as the server does', async () => {
    expect(await read(['token', '--user', 'ada'], {}, config({ jwtSecret: secret }))).toMatchObject({ secret })
  })

  test('says in one line what is missing or wrong', async () => {
    expect(await refusal(['token', '--user', 'ada'], {})).toContain('set PRESENCE_JWT_SECRET, or jwtSecret in')
    expect(await refusal(['token', '--user', 'ada'], { PRESENCE_JWT_SECRET: 'hunter2' })).toContain('32 bytes')
    expect(await refusal(['token'], env)).toContain('--user')
    expect(await refusal(['token', '--user', ''], env)).toContain('--user')
    expect(await refusal(['token', '--user', 'ada', '--ttl-ms', '999'], env)).toContain('--ttl-ms')
    expect(await refusal(['token', '--user', 'ada', '--ttl-ms', '2678400001'], env)).toContain('--ttl-ms')
    expect(await refusal(['token', '--user', 'ada', '--rooms', 'pr:a', '--read', 'pr:b'], env)).toContain('--rooms')
    expect(await refusal(['token', '--user', 'ada', '--port', '1'], env)).toContain('--port')
    expect(await refusal(['--user', 'ada'], env)).toContain('--user')
    expect(await refusal(['token', 'ada'], env)).toContain('ada')
  })

  test('is no command when it is the value of a flag', async () => {
    expect(await settingsOf(['--host', 'token'])).toEqual({ host: 'token' })
  })

  test('--help helps', async () => {
    expect(await read(['token', '--help'], {})).toEqual({ kind: 'help' })
  })
})

test('a secret that is set and empty, and a config file with an option that there is not, stop the start', async () => {
  expect(await refusal([], { PRESENCE_JWT_SECRET: '' })).toContain('PRESENCE_JWT_SECRET is set and empty')
  expect(await refusal([], { PRESENCE_JWKS_URL: '' })).toContain('PRESENCE_JWKS_URL is set and empty')
  expect(await settingsOf([], { PRESENCE_PORT: '' })).toEqual({})
  expect(await refusal([], {}, config({ prot: 1 }))).toMatch(/presence\.config\.mjs.*"prot"/)
})

test('variables that look like ours are told from those of others', () => {
  const names = ['PRESENCE_PORT', 'PRESENCE_JWT_SECERT', 'PRESENCE_PORT_4400_TCP', 'PRESENCE_SERVICE_HOST', 'HOME']
  const env = Object.fromEntries([...names, 'PRESENCE_CONFIG'].map((name) => [name, 'x']))
  expect(strangeVariables(env)).toEqual(['PRESENCE_JWT_SECERT'])
})

test('--help and --version win over everything else', async () => {
  expect(await read(['--help', '--port', 'x'])).toEqual({ kind: 'help' })
  expect(await read(['-v'], { PRESENCE_PORT: 'x' })).toEqual({ kind: 'version' })
})

test('the help names every flag and every variable that does something', () => {
  const helped = settings.filter(({ help }) => help !== undefined)
  for (const { variable } of helped) expect(helpText()).toContain(variable)
  const flags = [...settings, ...tokenFlags].flatMap(({ flag }) => flag ?? [])
  for (const flag of flags) expect(helpText()).toContain(`--${flag}`)
  expect(helpText()).toContain('presence-server token')
  expect(helpText()).not.toContain('PRESENCE_REDIS_URL')
})
