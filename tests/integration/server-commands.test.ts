import { once } from 'node:events'
import { copyFileSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { runProgram, temporaryDirectory } from './program.ts'
import { connectStock } from './stock-client.ts'

/*
 * The commands of the program beside running a server, as an operator runs them. They are run from dist.
 */

// Each command is a program, which takes seconds to start where others are busy.
const slowMs = 60_000
const adminToken = 'an-admin-token-of-32-characters!'

async function ask(args: readonly string[], where: Parameters<typeof runProgram>[1] = {}) {
  const { code, out, err } = await runProgram(args, where).ended
  return { code, out, err }
}

/** Every file with its content and the time of its last change. */
function everything(directory: string): unknown {
  return readdirSync(directory).map((name) => {
    const path = join(directory, name)
    return [name, statSync(path).mtimeMs, readFileSync(path).toString('base64')]
  })
}

/** A directory with the database of a server that has ended, with an entry in it. */
async function databaseWithAnEntry(): Promise<string> {
  const cwd = temporaryDirectory()
  const program = runProgram(['--port', '0'], { cwd })
  const ada = await connectStock(await program.listening)
  await ada.socket.emitWithAck('p', [['pr:atelier', 1, 60_000, 0, 'a']])
  program.process.kill('SIGTERM')
  await program.ended
  return cwd
}

test('each command has its own help', async () => {
  for (const [command, its] of Object.entries({
    check: '--port',
    token: '--user',
    rooms: '--json',
    kick: '--ban-ms',
  })) {
    const { code, out, err } = await ask([command, '--help'])
    expect({ code, err }).toEqual({ code: 0, err: '' })
    expect(out).toContain(`presence-server ${command}`)
    expect(out).toContain(its)
    expect(out.includes('--port')).toBe(command === 'check')
  }
})

test('check says what a start would do, and makes nothing', async () => {
  const cwd = temporaryDirectory()
  const env = { PRESENCE_ADMIN_TOKEN: adminToken, PRESENCE_PROT: '4400' }
  const { code, out, err } = await ask(['check', '--port', '0', '--restart', 'resume'], { cwd, env })
  expect({ code, err }).toEqual({ code: 0, err: '' })
  expect(out.trimEnd().split('\n')).toEqual([
    'Config file: none.',
    'Listens on port 0 of 127.0.0.1, for this machine only.',
    'Interface of the operator: on, with the admin token.',
    'Database: presence.db is not there, and would be made.',
    'PRESENCE_PROT is set, but means nothing to presence-server. Is it misspelt?',
    'A start would work.',
  ])
  expect(readdirSync(cwd)).toEqual([])
})

test('a config file that is typed by defineConfig is a config file', async () => {
  const cwd = temporaryDirectory()
  // The directory is outside of the project, so nothing is found by its name.
  const server = JSON.stringify(import.meta.resolve('@app/server'))
  const text = `import { defineConfig } from ${server}
    export default defineConfig({ port: 0, db: ':memory:', auth: () => null })`
  writeFileSync(join(cwd, 'presence.config.mjs'), text)
  expect((await ask(['check', '--port', '0'], { cwd })).out.split('\n').slice(0, 2)).toEqual([
    'Config file: presence.config.mjs.',
    'Listens on port 0 of 127.0.0.1, for users whom the auth function knows.',
  ])
})

test('check says what is in a database, and leaves it and all beside it as it is', async () => {
  const cwd = await databaseWithAnEntry()
  const before = everything(cwd)
  const { code, out } = await ask(['check', '--port', '0'], { cwd })
  expect(code).toBe(0)
  expect(out).toContain('has schema 1 (the newest), 1 clients and 1 entries in 1 rooms, which would be forgotten')
  expect((await ask(['check', '--port', '0', '--restart', 'resume'], { cwd })).out).toContain(
    'those whose lease still runs would be',
  )
  expect(everything(cwd)).toEqual(before)
})

test('check looks at a database that a server has, without being in its way', async () => {
  const cwd = temporaryDirectory()
  const program = runProgram(['--port', '0', '--restart', 'resume'], { cwd })
  const ada = await connectStock(await program.listening)
  await ada.socket.emitWithAck('p', [['pr:atelier', 1, 60_000, 0, 'a']])
  await expect.poll(async () => (await ask(['check', '--port', '0'], { cwd })).out).toContain('1 entries in 1 rooms')
  const names = readdirSync(cwd)
  const { code, out } = await ask(['check', '--port', '0'], { cwd })
  expect(code).toBe(0)
  expect(out).toContain('A server has the database now: a start would work once that has ended.')
  expect(readdirSync(cwd)).toEqual(names)
  await ada.socket.emitWithAck('p', [['pr:atelier', 2, 60_000, 0, 'b']])
  program.process.kill('SIGTERM')
  expect(await program.ended).toMatchObject({ code: 0 })
})

test('check reads what a server that was killed has left in its log', async () => {
  const cwd = temporaryDirectory()
  const program = runProgram(['--port', '0'], { cwd })
  const ada = await connectStock(await program.listening)
  await ada.socket.emitWithAck('p', [['pr:atelier', 1, 60_000, 0, 'a']])
  await expect.poll(async () => (await ask(['check', '--port', '0'], { cwd })).out).toContain('1 entries')
  program.process.kill('SIGKILL')
  await program.ended
  const wal = readFileSync(join(cwd, 'presence.db-wal'))
  const { code, out } = await ask(['check', '--port', '0'], { cwd })
  expect({ code, out }).toMatchObject({ code: 0, out: expect.stringContaining('1 entries in 1 rooms') })
  expect(out).toContain('A start would work.')
  expect(readFileSync(join(cwd, 'presence.db-wal'))).toEqual(wal)
})

test('check ends with 1 and a line for all that would stop a start', async () => {
  const { code, out, err } = await ask(['check', '--port', 'http', '--host', '0.0.0.0', '--nope'])
  expect({ code, out }).toEqual({ code: 1, out: '' })
  expect(err.trimEnd().split('\n')).toEqual([
    "presence-server: Unknown option '--nope'. See presence-server --help.",
    "presence-server: --port is 'http'; wanted: a whole number from 0 to 65535.",
    expect.stringContaining('presence-server: Listening on 0.0.0.0 would let in everyone'),
  ])
})

test('check refuses a port that is taken, or of another machine, as a start would', async () => {
  const other = createServer().listen(0, '127.0.0.1')
  onTestFinished(() => void other.close())
  await once(other, 'listening')
  const taken = String((other.address() as AddressInfo).port)
  for (const where of [
    ['--port', taken],
    ['--port', '0', '--host', '192.0.2.1', '--open'],
  ]) {
    const start = await ask(where)
    expect(start).toMatchObject({ code: 1, err: expect.stringMatching(/^presence-server: Cannot listen on .*\n$/) })
    expect(await ask(['check', ...where])).toEqual(start)
  }
})

test('check takes a port for free that the server has which has the database: that one ends before the start', async () => {
  const cwd = temporaryDirectory()
  const program = runProgram(['--port', '0'], { cwd })
  const { port } = new URL(await program.listening)
  const { code, out } = await ask(['check', '--port', port], { cwd })
  expect({ code, said: out.trimEnd().split('\n').slice(-2) }).toEqual({
    code: 0,
    said: [`Port ${port} is in use now.`, expect.stringContaining('A server has the database now')],
  })
})

test(
  'check refuses a database that a start would refuse, and leaves it as it is',
  async () => {
    const cwd = await databaseWithAnEntry()
    const refused = async (sentence: string): Promise<void> => {
      const before = everything(cwd)
      const { code, err } = await ask(['check', '--port', '0'], { cwd })
      expect({ code, err }).toEqual({ code: 1, err: expect.stringContaining(sentence) })
      expect(err.trimEnd().split('\n')).toHaveLength(1)
      expect(everything(cwd)).toEqual(before)
    }
    const file = join(cwd, 'presence.db')
    copyFileSync(file, join(cwd, 'kept'))
    const Database = createRequire(new URL('../../packages/server/package.json', import.meta.url))(
      'better-sqlite3',
    ) as new (file: string) => { pragma(text: string): unknown; close(): void }
    const database = new Database(file)
    database.pragma('user_version = 99')
    database.close()
    await refused('written by a newer version of this program (schema 99')
    writeFileSync(file, 'no database')
    await refused('it is not a SQLite database')
    expect((await ask(['check', '--db', 'no/such/presence.db'], { cwd })).err).toContain('its directory does not exist')
    mkdirSync(join(cwd, 'directory'))
    expect((await ask(['check', '--db', 'directory'], { cwd })).code).toBe(1)
  },
  slowMs,
)

test(
  'rooms and kick speak to a server that runs',
  async () => {
    const env = { PRESENCE_ADMIN_TOKEN: adminToken, PRESENCE_DB: ':memory:' }
    const program = runProgram(['--port', '0'], { env })
    const to = { env: { ...env, PRESENCE_URL: await program.listening } }
    expect(await ask(['rooms'], to)).toEqual({
      code: 0,
      err: '',
      out: 'Nobody is in a room, and nobody listens to one.\n',
    })
    const ada = await connectStock(await program.listening, { user: { id: 'ada' } })
    await ada.socket.emitWithAck('p', [['pr:atelier', 1, 60_000, 0, 'a']])
    await ada.socket.emitWithAck('p', [['pr:cellar', 2, 60_000, 0, 'a']])
    expect((await ask(['rooms'], to)).out).toMatch(/ROOM\n +1 +1 +0 +pr:atelier\n +1 +1 +0 +pr:cellar\n$/)
    expect(JSON.parse((await ask(['rooms', '--json', '--prefix', 'pr:c'], to)).out)).toEqual([
      { key: 'pr:cellar', users: 1, clients: 1, listeners: 0 },
    ])
    const kick = ['kick', 'pr:atelier', String(ada.clientId)]
    expect(await ask(kick, to)).toEqual({
      code: 0,
      err: '',
      out: `Client ${ada.clientId} has no entry in pr:atelier any more.\n`,
    })
    expect(await ada.next('refused')).toMatchObject([{ code: 'kicked', room: 'pr:atelier', retryAfterMs: 60_000 }])
    expect(await ask(kick, to)).toMatchObject({ code: 1, err: expect.stringContaining('no such entry') })
  },
  slowMs,
)

test(
  'rooms says in a line why a server does not answer',
  async () => {
    const env = { PRESENCE_ADMIN_TOKEN: adminToken, PRESENCE_DB: ':memory:' }
    const program = runProgram(['--port', '0'], { env })
    const to = { env: { ...env, PRESENCE_URL: await program.listening } }
    const other = { env: { ...to.env, PRESENCE_ADMIN_TOKEN: `${adminToken}!` } }
    expect(await ask(['rooms'], other)).toMatchObject({ code: 1, err: expect.stringContaining('another admin token') })
    const without = runProgram(['--port', '0'], { env: { PRESENCE_DB: ':memory:' } })
    expect(await ask(['rooms', '--url', await without.listening], to)).toMatchObject({
      code: 1,
      err: expect.stringContaining('no such interface'),
    })
    program.process.kill('SIGTERM')
    await program.ended
    expect(await ask(['rooms'], to)).toMatchObject({
      code: 1,
      err: expect.stringMatching(/^presence-server: No server answers at http:\S+ \(ECONNREFUSED\)[^\n]*\n$/),
    })
  },
  slowMs,
)
