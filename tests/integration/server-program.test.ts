import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { connect, createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { runProgram, temporaryDirectory } from './program.ts'
import { runScript } from './script.ts'
import { connectStock, stockClient } from './stock-client.ts'

/*
 * The program, as an operator runs it. It is run from dist: `npm run build` comes first.
 */

/** The server's own SQLite, to look over its shoulder. */
const Database = createRequire(new URL('../../packages/server/package.json', import.meta.url))(
  'better-sqlite3',
) as new (
  file: string,
  options: { readonly: boolean },
) => { prepare(sql: string): { pluck(): { all(): unknown[] } }; close(): void }

/** What ended a start that was refused: one line, and an exit code that says so. */
async function refusal(args: readonly string[], where: Parameters<typeof runProgram>[1] = {}): Promise<string> {
  const { code, out, err } = await runProgram(args, where).ended
  expect(code).toBe(1)
  expect(out).toBe('')
  expect(err.trimEnd().split('\n')).toHaveLength(1)
  return err
}

/** The rooms of the entries that a database holds at the moment, while a server writes it. */
function roomsIn(file: string): unknown[] {
  const database = new Database(file, { readonly: true })
  try {
    return database.prepare('SELECT room FROM presence ORDER BY room').pluck().all()
  } finally {
    database.close()
  }
}

async function takenPort(): Promise<number> {
  const other = createServer()
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void other.close())
  return (other.address() as AddressInfo).port
}

async function freePort(): Promise<number> {
  const other = createServer()
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
  const { port } = other.address() as AddressInfo
  await new Promise((resolve) => other.close(resolve))
  return port
}

function canConnect(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => resolve(true))
    socket.on('error', () => resolve(false)).on('connect', () => socket.destroy())
  })
}

test('says in one line where it listens, whatever the log level, and keeps presence.db where it runs', async () => {
  const cwd = temporaryDirectory()
  const program = runProgram([], { cwd, env: { PRESENCE_PORT: '0', PRESENCE_LOG_LEVEL: 'silent' } })
  const url = await program.listening
  expect(url).toMatch(/^http:\/\/localhost:\d+$/)
  expect(await (await fetch(`${url}/healthz`)).json()).toEqual({ status: 'ok' })
  program.process.kill('SIGTERM')
  expect(await program.ended).toMatchObject({
    code: 0,
    err: '',
    out: expect.stringMatching(/^Presence is listening on .*\n$/),
  })
  expect(readdirSync(cwd)).toEqual(['presence.db', 'presence.db-lock'])
})

test.each(['SIGTERM', 'SIGINT'] as const)(
  '%s drains: clients are told when to come back, then it ends with 0',
  async (signal) => {
    const program = runProgram(['--port', '0'])
    const ada = await connectStock(await program.listening)
    program.process.kill(signal)
    expect(await ada.next('drain')).toEqual([500])
    expect(await ada.next('disconnect')).toEqual(['transport close'])
    expect(await program.ended).toMatchObject({ code: 0, signal: null })
  },
)

test('a client that has connected but not said who it is does not hold it up', async () => {
  const program = runProgram(['--port', '0'])
  const url = await program.listening
  const session = `${url}/socket.io/?EIO=4&transport=polling`
  const sid = /"sid":"([^"]+)"/.exec(await (await fetch(session)).text())?.[1]
  const poll = fetch(`${session}&sid=${sid}`).catch((error: unknown) => error)
  const { hostname, port } = new URL(url)
  const idle = connect(Number(port), hostname)
  idle.on('error', () => {})
  await new Promise((resolve) => idle.once('connect', resolve))
  program.process.kill('SIGTERM')
  expect(await program.ended).toMatchObject({ code: 0 })
  await poll
})

test('a port that is taken stops the start, and the database stays untouched', async () => {
  const cwd = temporaryDirectory()
  const port = await takenPort()
  expect(await refusal(['--port', String(port)], { cwd })).toContain(`port ${port} of 127.0.0.1`)
  expect(readdirSync(cwd)).toEqual([])
})

test('a second server on the same port does not touch the entries of the first', async () => {
  const cwd = temporaryDirectory()
  const first = runProgram(['--port', '0', '--restart', 'resume'], { cwd })
  const url = await first.listening
  const ada = await connectStock(url)
  await ada.socket.emitWithAck('p', [['pr:atelier', 1, 60_000, 0, 'a']])
  await refusal(['--port', new URL(url).port], { cwd })
  first.process.kill('SIGTERM')
  await first.ended
  const again = runProgram(['--port', '0', '--restart', 'resume'], { cwd })
  const grace = await connectStock(await again.listening)
  await grace.socket.emitWithAck('enter', 'pr:atelier')
  expect((await grace.next('s'))[4]).toHaveLength(1)
})

test('of two servers with one database the second is refused; it starts once the first was killed, or has ended meanwhile', async () => {
  const cwd = temporaryDirectory()
  const first = runProgram(['--port', '0'], { cwd })
  const ada = await connectStock(await first.listening)
  expect(await refusal(['--port', '0'], { cwd })).toMatch(
    /"presence\.db" cannot be used: another server is using it\. /,
  )
  expect(await ada.socket.emitWithAck('p', [['pr:atelier', 1, 60_000, 0, 'a']])).toBeNull()
  first.process.kill('SIGKILL')
  await first.ended

  const second = runProgram(['--port', '0'], { cwd })
  await second.listening
  // It has its port before it asks for the database, so this is how one knows that it waits.
  const port = await freePort()
  const third = runProgram(['--port', String(port)], { cwd })
  await expect.poll(() => canConnect(port), { timeout: 10_000 }).toBe(true)
  second.process.kill('SIGTERM')
  expect(await third.listening).toContain(String(port))
  expect(await second.ended).toMatchObject({ code: 0 })
}, 30_000)

test('a database that is none, or another program’s, stops the start and stays as it is', async () => {
  const cwd = temporaryDirectory()
  const file = join(cwd, 'presence.db')
  writeFileSync(file, 'not a database, but somebody’s only copy of something')
  const before = readFileSync(file)
  expect(await refusal(['--port', '0'], { cwd })).toContain('not a SQLite database')
  expect(readFileSync(file)).toEqual(before)
  expect(readdirSync(cwd)).toEqual(['presence.db'])
})

test('a database where none can be made stops the start', async () => {
  expect(await refusal(['--port', '0', '--db', 'no/such/directory/presence.db'])).toContain(
    'no/such/directory/presence.db',
  )
})

test('a wrong value stops the start in one line', async () => {
  expect(await refusal(['--port', 'http'])).toContain("--port is 'http'; wanted: a whole number from 0 to 65535.")
  expect(await refusal([], { env: { PRESENCE_RESTART: 'x' } })).toContain(
    "PRESENCE_RESTART is 'x'; wanted: fresh or resume.",
  )
  expect(await refusal([], { env: { PRESENCE_CONFIG: 'none.mjs' } })).toContain('"none.mjs" does not exist')
  expect(await refusal(['--nope'])).toContain('--nope')
})

test('[A4] without authentication it does not listen to other machines', async () => {
  expect(await refusal(['--host', '0.0.0.0', '--port', '0'])).toContain('--open')
})

test('what this version cannot do yet stops the start', async () => {
  expect(await refusal([], { env: { PRESENCE_REDIS_URL: 'redis://localhost' } })).toContain('PRESENCE_REDIS_URL')
})

const secret = 'correct horse battery staple, and 32 bytes'

test('[U1] with a secret, who a client is comes from its token, and the program makes tokens', async () => {
  const checked = { PRESENCE_JWT_ISSUER: 'https://id.example/', PRESENCE_JWT_AUDIENCE: 'presence' }
  const env = { PRESENCE_JWT_SECRET: secret, PRESENCE_DB: ':memory:', ...checked }
  const program = runProgram(['--port', '0', '--host', '0.0.0.0'], { env })
  const url = new URL(await program.listening)
  url.hostname = '127.0.0.1'
  const made = await runProgram(['token', '--user', 'ada', '--name', 'Ada'], { env }).ended
  expect(made).toMatchObject({ code: 0, err: '', out: expect.stringMatching(/^[\w-]+\.[\w-]+\.[\w-]+\n$/) })
  const token = made.out.trim()

  const ada = stockClient(url.href, { token, user: { id: 'grace', name: 'Grace' } })
  expect(await ada.next('hello')).toMatchObject([{ user: { id: 'ada', name: 'Ada' } }])
  const wrong = stockClient(url.href, { token: `${token.slice(0, -8)}AAAAAAAA` })
  expect(await wrong.next('connect_error')).toMatchObject([{ code: 'unauthorized', canRetry: false }])

  program.process.kill('SIGTERM')
  const { out, err } = await program.ended
  expect(out).toContain('for authenticated users, kept in memory')
  for (const part of [secret, ...token.split('.').slice(1)]) expect(out + err).not.toContain(part)
})

test('[A4] with a secret or a set of keys, nobody is let in without a token', async () => {
  for (const auth of [{ PRESENCE_JWT_SECRET: secret }, { PRESENCE_JWKS_URL: 'http://127.0.0.1:1/keys' }]) {
    const program = runProgram(['--port', '0'], { env: { ...auth, PRESENCE_DB: ':memory:' } })
    const nobody = stockClient(await program.listening, { user: { id: 'ada' } })
    expect(await nobody.next('connect_error')).toMatchObject([{ code: 'unauthorized', canRetry: false }])
  }
})

test('what is wrong with a secret or a token stops the program in one line, without the secret', async () => {
  const short = await refusal([], { env: { PRESENCE_JWT_SECRET: 'hunter2' } })
  expect(short).toMatch(/PRESENCE_JWT_SECRET .* at least 32 bytes/)
  expect(short).not.toContain('hunter2')
  const env = { PRESENCE_JWT_SECRET: secret }
  expect(await refusal([], { env: { ...env, PRESENCE_JWKS_URL: 'https://id.example' } })).toContain('one of them')
  expect(await refusal(['token', '--user', 'ada'])).toContain('set PRESENCE_JWT_SECRET')
  expect(await refusal(['token', '--user', 'ada', '--rooms', 'board'], { env })).toContain('"board"')
  expect(await refusal(['token', '--user', 'ada', '--tenant', 'a b'], { env })).toContain('tenant')
})

test('a config file gives options, an auth function among them', async () => {
  const cwd = temporaryDirectory()
  writeFileSync(
    join(cwd, 'presence.config.mjs'),
    `export default { port: 0, db: ':memory:', auth: ({ token }) => token === 'good' && { user: { id: 'ada' } } }`,
  )
  const program = runProgram([], { cwd })
  const url = await program.listening
  const ada = stockClient(url, { token: 'good' })
  expect(await ada.next('hello')).toMatchObject([{ user: { id: 'ada' } }])
  const eve = stockClient(url, { token: 'bad', user: { id: 'ada' } })
  expect(await eve.next('connect_error')).toMatchObject([{ code: 'unauthorized' }])
  expect(readdirSync(cwd)).toEqual(['presence.config.mjs'])

  writeFileSync(join(cwd, 'presence.config.mjs'), 'export default { gracems: 1, port: 0 }')
  expect(await refusal([], { cwd })).toContain('has an option "gracems"')
})

test('[P9] a config file gives schemas of rooms', async () => {
  const cwd = temporaryDirectory()
  // The directory is outside of the project, so nothing is found by its name.
  const [entry, effect] = ['@app/server/effect', 'effect'].map((name) => JSON.stringify(import.meta.resolve(name)))
  const config = `
    import { defineRooms } from ${entry}
    import { Schema } from ${effect}
    export default { port: 0, db: ':memory:', rooms: defineRooms({ 'pr:board': Schema.Struct({ x: Schema.Number }) }) }`
  writeFileSync(join(cwd, 'presence.config.mjs'), config)
  const ada = await connectStock(await runProgram([], { cwd }).listening)
  expect(await ada.socket.emitWithAck('p', [['pr:board', 1, 60_000, 0, { x: 1 }]])).toBeNull()
  const answer = await ada.socket.emitWithAck('p', [['pr:board', 2, 60_000, 0, { x: 'one' }]])
  expect(answer).toMatchObject({ code: 'bad-data', canRetry: false, room: 'pr:board' })

  writeFileSync(join(cwd, 'presence.config.mjs'), `export default { port: 0, rooms: { 'pr:board': {} } }`)
  expect(await refusal([], { cwd })).toContain('defineRooms')
})

test('a config file whose rooms are TypeScript starts, or says in one line what to do where Node cannot read it', async () => {
  const cwd = temporaryDirectory()
  const entry = JSON.stringify(import.meta.resolve('@app/server'))
  writeFileSync(
    join(cwd, 'rooms.mts'),
    `import { defineRooms } from ${entry}
     export const rooms: unknown = defineRooms({})`,
  )
  const config = `import { rooms } from './rooms.mts'; export default { port: 0, db: ':memory:', rooms }`
  writeFileSync(join(cwd, 'presence.config.mjs'), config)
  const isRead = 'typescript' in process.features
  const answer = await (isRead ? runProgram([], { cwd }).listening : refusal([], { cwd }))
  expect(answer).toMatch(isRead ? /^http/ : /rooms\.mts\. .* from 22\.18 on\. .* import what tsc makes .* tsx/)
})

test('[A1] an id stays bound to its secret over a restart', async () => {
  const cwd = temporaryDirectory()
  const first = runProgram(['--port', '0'], { cwd })
  const ada = await connectStock(await first.listening)
  const thief = stockClient(await first.listening, { clientId: ada.clientId })
  expect(await thief.next('connect_error')).toMatchObject([{ code: 'client-id-taken', canRetry: false }])
  first.process.kill('SIGTERM')
  await first.ended
  const second = runProgram(['--port', '0'], { cwd })
  const again = stockClient(await second.listening, { clientId: ada.clientId })
  expect(await again.next('connect_error')).toMatchObject([{ code: 'client-id-taken' }])
  await connectStock(await second.listening, { clientId: ada.clientId, secret: ada.secret })
})

test('[R2] a fresh start after a kill has nobody; a resumed one has those whose lease still runs', async () => {
  const cwd = temporaryDirectory()
  const first = runProgram(['--port', '0'], { cwd })
  const ada = await connectStock(await first.listening)
  await ada.socket.emitWithAck('p', [['pr:atelier', 1, 60_000, 0, { x: 1 }]])
  await ada.socket.emitWithAck('p', [['pr:atelier', 2, 60_000, 1, { x: 1 }]])
  await ada.socket.emitWithAck('p', [['pr:cellar', 3, 60_000, 0, { x: 1 }]])
  await ada.socket.emitWithAck('l', 'pr:cellar', 4)
  await ada.socket.emitWithAck('p', [['pr:last', 5, 60_000, 0, { x: 1 }]])
  // What was acknowledged is written in order, in a thread: once the last of it is there, all is.
  await expect.poll(() => roomsIn(join(cwd, 'presence.db'))).toEqual(['pr:atelier', 'pr:last'])
  first.process.kill('SIGKILL')
  await first.ended

  const resumed = runProgram(['--port', '0', '--restart', 'resume'], { cwd })
  const grace = await connectStock(await resumed.listening)
  await grace.socket.emitWithAck('enter', 'pr:atelier')
  await grace.socket.emitWithAck('enter', 'pr:cellar')
  expect((await grace.next('s'))[4]).toMatchObject([{ 1: ada.clientId, 2: 2, 5: 60_000 }])
  expect((await grace.next('s'))[4]).toEqual([])
  resumed.process.kill('SIGKILL')
  await resumed.ended

  const fresh = runProgram(['--port', '0'], { cwd })
  const eve = await connectStock(await fresh.listening)
  await eve.socket.emitWithAck('enter', 'pr:atelier')
  expect((await eve.next('s'))[4]).toEqual([])
})

test('--help and --version answer and end', async () => {
  expect(await runProgram(['--help']).ended).toMatchObject({
    code: 0,
    out: expect.stringContaining('PRESENCE_GRACE_MS'),
  })
  expect(await runProgram(['--version']).ended).toMatchObject({
    code: 0,
    out: expect.stringMatching(/^\d+\.\d+\.\d+\n$/),
  })
})

test('a store that is open does not keep a program alive, and closing one does not end before all is written', async () => {
  const cwd = temporaryDirectory()
  const server = new URL('../../packages/server/dist/index.js', import.meta.url).href
  const run = (rest: string) =>
    runScript(
      process.execPath,
      // These flags are not for the thread: it would not find its way.
      [
        '--input-type=module',
        '--eval',
        `import { sqliteStore } from ${JSON.stringify(server)}
         const store = sqliteStore({ file: 'presence.db' })
         console.log(store.open({ restart: 'resume', nowMs: 0 }).clients.length)
         const clients = [{ clientId: 1, secretHash: '', seenAtMs: 1 }]
         store.write({ gone: [], entries: [], forgotten: [], clients })
         ${rest}`,
      ],
      { cwd },
    ).ended
  expect(await run(`await store.close(); console.log('closed')`)).toEqual({ code: 0, output: '0\nclosed\n' })
  expect(readdirSync(cwd)).toEqual(['presence.db', 'presence.db-lock'])
  expect(await run('')).toEqual({ code: 0, output: '1\n' })
})
