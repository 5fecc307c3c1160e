import { expect, test } from 'vitest'
import { runProgram } from './program.ts'
import { connectStock, stockClient } from './stock-client.ts'

/*
 * What the program says of a life, at the level that says most.
 */

const secret = 'correct horse battery staple, and 32 bytes'
const adminToken = 'an-admin-token-of-32-characters!'
const address = '203.0.113.77'
const env = { PRESENCE_JWT_SECRET: secret, PRESENCE_ADMIN_TOKEN: adminToken, PRESENCE_DB: ':memory:' }

interface Line {
  readonly level: number
  readonly msg: string
  readonly [more: string]: unknown
}

/** Comes with a token, puts, is refused some things, and goes; the server stops. Returns its log, and what must not be in it. */
async function aLife(more: Readonly<Record<string, string>>): Promise<{ lines: Line[]; err: string; token: string }> {
  const made = await runProgram(['token', '--user', 'ada-of-the-token', '--rooms', 'pr:atelier'], { env }).ended
  const token = made.out.trim()
  const args = ['--port', '0', '--log-level', 'trace', '--trust-proxy', '1']
  const program = runProgram(args, { env: { ...env, ...more } })
  const url = await program.listening
  const behindProxy = { extraHeaders: { 'X-Forwarded-For': address } }
  const ada = await connectStock(url, { token }, behindProxy)
  await ada.socket.emitWithAck('p', [['pr:atelier', 1, 60_000, 0, { text: 'the data of ada' }]])
  await ada.socket.emitWithAck('p', [['pr:forbidden', 2, 60_000, 0, { text: 'the data of ada' }]])
  await ada.socket.emitWithAck('enter', 'no room of the data')
  await ada.socket.emitWithAck('the data of ada', 'the data of ada')
  const eve = stockClient(url, { token: `${token.slice(0, -8)}AAAAAAAA` }, behindProxy)
  expect(await eve.next('connect_error')).toMatchObject([{ code: 'unauthorized' }])
  const bearer = `Bearer ${adminToken}`
  expect((await fetch(`${url}/v1/rooms`, { headers: { Authorization: bearer } })).status).toBe(200)
  expect((await fetch(`${url}/v1/rooms`, { headers: { Authorization: `${bearer}!` } })).status).toBe(401)
  const said = { method: 'POST', headers: { Authorization: bearer, 'Content-Type': 'application/json' } }
  const entry = { data: 'the data of ada', ttlMs: 60_000, user: { id: 'ada-of-the-token' } }
  const put = { ...said, method: 'PUT', body: JSON.stringify(entry) }
  expect((await fetch(`${url}/v1/rooms/pr%3Aatelier/entries`, put)).status).toBe(201)
  const disconnect = { ...said, body: JSON.stringify({ userId: 'ada-of-the-token, another' }) }
  expect((await fetch(`${url}/v1/disconnect`, disconnect)).status).toBe(200)
  ada.socket.close()
  await expect.poll(async () => (await fetch(`${url}/metrics`)).text()).toContain('\npresence_connections 0\n')
  program.process.kill('SIGTERM')
  const { code, err } = await program.ended
  expect(code).toBe(0)
  const lines = err.trimEnd().split('\n')
  return { lines: lines.map((line) => JSON.parse(line) as Line), err, token }
}

test('a life is a line for its start, its stop and each refusal, and at debug who comes and goes; no secret is in them', async () => {
  const { lines, err, token } = await aLife({})
  const [debug, info] = [20, 30]
  const of = (msg: string): Line[] => lines.filter((line) => line.msg === msg)
  expect(of('Started.')).toMatchObject([{ level: info, letsIn: 'auth', restart: 'fresh' }])
  expect(lines.at(-1)).toMatchObject({ level: info, msg: 'Stopped.', tookMs: expect.any(Number) as number })
  expect(of('A client has come.')).toMatchObject([{ level: debug, clientId: expect.any(Number) as number }])
  expect(of('A client has gone.')).toMatchObject([{ level: debug, clientId: expect.any(Number) as number }])
  expect(of('Refused.').map(({ level, code, event, reason }) => [level, code, event, reason])).toEqual([
    [info, 'not-allowed', 'p', undefined],
    [info, 'bad-key', 'enter', undefined],
    [info, 'bad-message', 'unknown', undefined],
    [info, 'unauthorized', 'connect', 'ERR_JWS_SIGNATURE_VERIFICATION_FAILED'],
  ])
  expect(of('An entry was put.')).toMatchObject([{ level: info, clientId: expect.any(Number) as number }])
  expect(of('Clients were disconnected.')).toMatchObject([{ level: info, disconnected: 0 }])
  const parts = token.split('.').slice(1)
  for (const hidden of [secret, adminToken, ...parts, 'ada-of-the-token', 'of ada', 'of the data', 'pr:', address])
    expect(err).not.toContain(hidden)
  for (const line of lines) expect(line.msg).toMatch(/\.$/)
})

test('addresses are in the lines about clients where they are asked for, and nothing else that is hidden', async () => {
  const { lines, err, token } = await aLife({ PRESENCE_LOG_ADDRESSES: '1' })
  const ofClients = lines.filter(({ msg }) => ['Refused.', 'A client has come.'].includes(msg))
  expect(ofClients.map((line) => line['address'])).toEqual(Array.from({ length: 5 }, () => address))
  for (const hidden of [secret, adminToken, ...token.split('.').slice(1), 'of ada', 'pr:'])
    expect(err).not.toContain(hidden)
})
