import { tmpdir } from 'node:os'
import { describe, expect, test } from 'vitest'
import { commandNames, commands } from './commands.ts'
import { helpText } from './help.ts'
import { readCommand, type Command, type LoadConfig, strangeVariables } from './options.ts'
import { settings } from './settings.ts'

function config(options: Record<string, unknown>): LoadConfig {
  return async (asked) => ({ name: asked ?? 'presence.config.mjs', isThere: true, options })
}

const secret = 'correct horse battery staple, and 32 bytes'
const adminToken = 'an-admin-token-of-32-characters!'

const read = (args: string[], env: Record<string, string> = {}, load = config({})): Promise<Command> =>
  readCommand({ args, env }, load)

async function settingsOf(args: string[], env: Record<string, string> = {}, load = config({})): Promise<unknown> {
  const command = await read(args, env, load)
  return 'settings' in command ? command.settings : command.kind
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

/** The lines that stop the start. They never have a secret in them. */
async function refusal(args: string[], env: Record<string, string>, load = config({})): Promise<string> {
  const error = (await read(args, env, load).catch((reason: unknown) => reason)) as Error
  expect(error).toMatchObject({ name: 'PresenceError', code: 'bad-options' })
  expect(error.message).not.toMatch(/hunter2|correct horse/)
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
      claims: {},
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

  test('is made for the server that is told the same: with its issuer and its audience', async () => {
    const checked = { ...env, PRESENCE_JWT_ISSUER: 'https://id.example/' }
    const load = config({ jwtAudience: 'presence' })
    expect(await read(['token', '--user', 'ada'], checked, load)).toMatchObject({
      claims: { iss: 'https://id.example/', aud: 'presence' },
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
    expect(await settingsOf(['--open', '--host', 'token'])).toEqual({ open: true, host: 'token' })
  })

  test('--help helps', async () => {
    expect(await read(['token', '--help'], {})).toEqual({ kind: 'help', of: 'token' })
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
  expect(await read(['--help', '--port', 'x'])).toEqual({ kind: 'help', of: 'run' })
  expect(await read(['-v'], { PRESENCE_PORT: 'x' })).toEqual({ kind: 'version' })
})

describe('rooms and kick', () => {
  const env = { PRESENCE_ADMIN_TOKEN: adminToken }
  const access = { url: 'http://localhost:4400', adminToken }

  test('go to this machine, or where they are told', async () => {
    const query = { prefix: undefined, tenant: undefined }
    expect(await read(['rooms'], env)).toEqual({ kind: 'rooms', access, query, isJson: false })
    const where = { ...env, PRESENCE_URL: 'http://one.example:1' }
    expect(await read(['rooms'], where)).toMatchObject({ access: { url: 'http://one.example:1' } })
    const args = ['--url', 'https://two.example/under/', '--json', '--prefix', 'pr:a/', '--tenant=acme']
    expect(await read(['rooms', ...args], where)).toEqual({
      kind: 'rooms',
      access: { url: 'https://two.example/under', adminToken },
      query: { prefix: 'pr:a/', tenant: 'acme' },
      isJson: true,
    })
  })

  test('take the admin token of the config file, as the server does', async () => {
    expect(await read(['rooms'], {}, config({ adminToken }))).toMatchObject({ access: { adminToken } })
  })

  test('kick wants a room and a client, and takes the number of an entry that has none', async () => {
    const kick = { key: 'pr:board', clientId: 7, banMs: undefined, tenant: undefined }
    expect(await read(['kick', 'pr:board', '7'], env)).toEqual({ kind: 'kick', access, kick })
    expect(await read(['kick', 'pr:board', '-7', '--ban-ms', '0'], env)).toMatchObject({
      kick: { clientId: -7, banMs: 0 },
    })
    expect(await read(['kick', '--tenant', 'acme', '--', 'pr:board', '-7'], env)).toMatchObject({
      kick: { clientId: -7, tenant: 'acme' },
    })
  })

  test('say in one line what is missing or wrong', async () => {
    for (const args of [['kick'], ['kick', 'pr:a'], ['kick', 'pr:a', 'ada'], ['kick', 'pr:a', '1', '2']])
      expect(await refusal(args, env)).toContain('kick pr:board 4711')
    expect(await refusal(['kick', 'pr:a', '1', '--ban-ms', 'x'], env)).toContain('--ban-ms')
    expect(await refusal(['rooms'], {})).toContain('set PRESENCE_ADMIN_TOKEN, or adminToken in')
    expect(await refusal(['rooms'], { PRESENCE_ADMIN_TOKEN: 'hunter2' })).toContain('at least 32')
    expect(await refusal(['rooms', 'pr:a'], env)).toContain('pr:a')
    for (const url of ['localhost:4400', 'ftp://a.example', 'https://ada:hunter2@a.example', 'http://a.example/?x=1'])
      expect(await refusal(['rooms', '--url', url], env)).toContain('--url cannot be used')
    expect(await refusal(['rooms'], { ...env, PRESENCE_URL: 'nowhere' })).toContain('PRESENCE_URL cannot be used')
  })
})

test('run is the name of what is done without a command', async () => {
  expect(await read(['run', '--port', '1'])).toEqual(await read(['--port', '1']))
  expect(await read(['run', '--help'])).toEqual({ kind: 'help', of: 'run' })
  expect(helpText()).toContain('presence-server [run]')
})

test('check is told what a server is told, and that it has no config file', async () => {
  const load: LoadConfig = async () => ({ name: 'presence.config.mjs', isThere: false, options: {} })
  expect(await read(['check', '--port', '1', '--open'], { PRESENCE_DB: 'a.db' }, load)).toEqual({
    kind: 'check',
    settings: { port: 1, open: true, db: 'a.db' },
    config: undefined,
  })
  expect(await read(['check'], {}, config({ port: 2 }))).toMatchObject({ config: 'presence.config.mjs' })
})

test('all that is wrong is said at once, a line each, wherever it was said', async () => {
  const file = config({ prot: 1, graceMs: 'long', limits: { rooms: 0, doors: 3 }, adminToken: 'hunter2' })
  const args = ['--port', 'http', '--colour', '--db', '--open=yes', '--host', '0.0.0.0']
  const env = { PRESENCE_RESTART: 'maybe', PRESENCE_JWKS_URL: '', PRESENCE_JWT_ISSUER: 'me', PRESENCE_REDIS_URL: 'x' }
  const error = (await read(['check', ...args], env, file).catch((reason: unknown) => reason)) as Error
  expect(error).toMatchObject({ name: 'PresenceError', code: 'bad-options' })
  expect(error.message).not.toContain('hunter2')
  expect(error.message.split('\n')).toEqual([
    "Unknown option '--colour'. See presence-server --help.",
    '--db wants a value: --db VALUE.',
    '--open takes no value.',
    "--port is 'http'; wanted: a whole number from 0 to 65535.",
    "PRESENCE_RESTART is 'maybe'; wanted: fresh or resume.",
    "graceMs in presence.config.mjs is 'long'; wanted: a whole number from 0 to 86400000.",
    'PRESENCE_JWKS_URL is set and empty. Give it its value, or unset it.',
    expect.stringContaining('adminToken in presence.config.mjs cannot be used'),
    expect.stringContaining('PRESENCE_REDIS_URL is set, but this version'),
    'The config file "presence.config.mjs" has an option "prot", which there is not.',
    'presence.config.mjs: createPresenceServer has no option "limits.doors".',
    'presence.config.mjs: limits.rooms is 0; wanted: a whole number from 1 to 10000.',
    expect.stringContaining('PRESENCE_JWT_ISSUER is set, but no tokens are read'),
  ])
})

test('[A4] a host that others reach, and no authentication, stops the start with the rest that is wrong', async () => {
  expect(await refusal(['--host', '0.0.0.0'], {})).toContain('Listening on 0.0.0.0 would let in everyone')
  expect(await settingsOf(['--host', '0.0.0.0', '--open'])).toEqual({ host: '0.0.0.0', open: true })
  expect(await settingsOf(['--host', '0.0.0.0'], { PRESENCE_JWT_SECRET: secret })).toMatchObject({ host: '0.0.0.0' })
})

test('the help of the server names every flag and every variable that does something, and every command', () => {
  const helped = settings.filter(({ help }) => help !== undefined)
  for (const { variable } of helped) expect(helpText()).toContain(variable)
  for (const flag of settings.flatMap((setting) => setting.flag ?? [])) expect(helpText()).toContain(`--${flag}`)
  for (const name of ['check', 'token', 'rooms', 'kick']) expect(helpText()).toContain(`presence-server ${name}`)
  expect(helpText()).not.toContain('PRESENCE_REDIS_URL')
})

test('each command has a help of its own, with its flags and no others', () => {
  const lines = (text: string): readonly string[] => text.match(/^ +--[a-z-]+/gm) ?? []
  for (const name of commandNames) {
    expect(lines(helpText(name)).map((line) => line.trim())).toEqual(
      commands[name].flags.map(({ flag }) => `--${flag}`),
    )
    for (const line of helpText(name).split('\n')) expect(line.length).toBeLessThanOrEqual(120)
  }
  expect(helpText('token')).toContain('PRESENCE_JWT_SECRET')
  expect(helpText('token')).not.toContain('--port')
  expect(helpText('kick')).toContain('PRESENCE_ADMIN_TOKEN')
})
