import { connectTo, FakeClock, FakeLinks } from '@app/testkit'
import { Schema } from 'effect'
import { expect, test } from 'vitest'
import { z } from 'zod'
import type { Authenticate } from './authenticate.ts'
import { PresenceCore } from './core.ts'
import { defineRooms as defineEffectRooms } from './effect.ts'
import { defineRooms, type DefinedRooms } from './index.ts'
import { checkOptions, type PresenceServerOptions } from './server-options.ts'

const board = 'pr:board'

async function open(rooms: DefinedRooms, more: Pick<PresenceServerOptions, 'auth' | 'limits'> = {}) {
  const clock = new FakeClock()
  const links = new FakeLinks()
  const log: object[] = []
  const logger = { debug() {}, info() {}, warn() {}, error: (details: object) => void log.push(details) }
  const core = new PresenceCore({
    ...checkOptions({ rooms, logger, ...more }),
    clock,
    transport: links,
    policy: { mode: more.auth ? 'auth' : 'loopback', origins: undefined },
  })
  const [ada, grace] = [await connectTo(core, links, { clientId: 1 }), await connectTo(core, links, { clientId: 2 })]
  for (const client of [ada, grace]) client.take()
  const here = (key = board) => core.entries(key).map(({ clientId, n, data }) => [clientId, n, data])
  return { clock, core, links, ada, grace, here, log }
}

const misfit = (room: string, problem: RegExp) => ({
  code: 'bad-data',
  canRetry: false,
  room,
  message: expect.stringMatching(problem),
})

const Cursor = z.object({ x: z.number(), y: z.number() })

test('[P9] [A2] a put that does not fit the schema of its room is refused, and the entry is as it was', async () => {
  const { ada, grace, here } = await open(defineRooms({ [board]: Cursor }))
  grace.say('enter', board)
  ada.say('p', [[board, 1, 30_000, 1, { x: 1, y: 2 }]])
  expect(ada.take()).toEqual([['k', board, 1]])
  grace.take()

  const refused = misfit(board, /^The data for "pr:board" does not fit the server's schema: x: .*number/)
  ada.say('p', [[board, 2, 30_000, 1, { x: 'one', y: 2 }]])
  expect(ada.take()).toEqual([['refused', { ...refused, event: 'p', n: 2 }]])
  expect(ada.ask('p', [[board, 3, 30_000, 1, null]])).toEqual({ answer: expect.objectContaining({ code: 'bad-data' }) })
  expect(here()).toEqual([[1, 1, { x: 1, y: 2 }]])
  expect(grace.take()).toEqual([])

  ada.say('p', [[board, 4, 30_000, 1, { x: 3, y: 4 }]])
  expect(here()).toEqual([[1, 4, { x: 3, y: 4 }]])
})

test('[P9] a room is known by its number too, and what is put beside a bad put is taken', async () => {
  const { ada, here } = await open(defineRooms({ [board]: Cursor }))
  ada.say('enter', board)
  ada.take()
  ada.say('p', [
    [1, 1, 30_000, 1, 'nowhere'],
    ['pr:hall', 2, 30_000, 1, 'nowhere'],
  ])
  expect(ada.take()).toEqual([
    ['refused', { ...misfit(board, /server's schema/), event: 'p', n: 1 }],
    ['k', 'pr:hall', 2],
  ])
  expect(here()).toEqual([])
  expect(here('pr:hall')).toEqual([[1, 2, 'nowhere']])
})

test('[P9] rooms without a schema take any data, and so do derived keys', async () => {
  const { ada, here } = await open(defineRooms({ [board]: Cursor, 'pr:room-*': z.enum(['here', 'away']) }))
  ada.say('p', [['pr:hall', 1, 30_000, 1, 'asleep']])
  ada.say('p', [['pr:board/cursors', 2, 30_000, 1, [0.5, 0.5]]])
  ada.say('p', [['pr:room-7/typing', 3, 6_000, 0, true]])
  ada.say('p', [['pr:room-7', 4, 30_000, 1, 'away']])
  ada.say('p', [['pr:room-7', 5, 30_000, 1, 'asleep']])
  expect(ada.take().filter(([event]) => event === 'refused')).toMatchObject([['refused', { room: 'pr:room-7', n: 5 }]])
  expect(here('pr:hall')).toEqual([[1, 1, 'asleep']])
  expect(here('pr:board/cursors')).toEqual([[1, 2, [0.5, 0.5]]])
  expect(here('pr:room-7/typing')).toEqual([[1, 3, true]])
  expect(here('pr:room-7')).toEqual([[1, 4, 'away']])
})

test('[P9] what is kept and told is what was sent, not what the schema makes of it', async () => {
  const Moment = z.object({ at: z.string().transform((text) => new Date(text)), size: z.number().default(4) })
  const { ada, grace, here } = await open(defineRooms({ [board]: Moment }))
  grace.say('enter', board)
  ada.say('p', [[board, 1, 30_000, 1, { at: '2026-01-02', more: 1 }]])
  expect(here()).toEqual([[1, 1, { at: '2026-01-02', more: 1 }]])
  expect(JSON.stringify(grace.take())).toContain('{"at":"2026-01-02","more":1}')
})

test('[A2] a bad put does not take the place of a good one that waits for its slot', async () => {
  const { clock, ada, here } = await open(defineRooms({ [board]: Cursor }), { limits: { roomPutsPerSecond: 1 } })
  ada.say('p', [[board, 1, 30_000, 1, { x: 1, y: 1 }]])
  ada.say('p', [[board, 2, 30_000, 1, { x: 2, y: 2 }]])
  ada.take()
  ada.say('p', [[board, 3, 30_000, 1, 'bad']])
  expect(ada.take()).toMatchObject([['refused', { code: 'bad-data', n: 3 }]])
  clock.advance(1_000)
  expect(here()).toEqual([[1, 2, { x: 2, y: 2 }]])
})

test('[A2] of a room that is closed to it, a client is not told what would fit', async () => {
  const auth: Authenticate = ({ token }) => ({
    user: { id: String(token) },
    tenant: 'acme',
    rooms: token === 'ada' ? ['pr:**'] : { read: ['pr:**'] },
  })
  const { core, links } = await open(defineRooms({ [board]: Cursor }), { auth })
  for (const [token, code] of [
    ['ada', 'bad-data'],
    ['eve', 'not-allowed'],
  ]) {
    const client = await connectTo(core, links, { clientId: token === 'ada' ? 3 : 4, token })
    client.take()
    client.say('p', [[board, 1, 30_000, 1, 'bad']])
    expect(client.take()).toMatchObject([['refused', { code, room: board, n: 1 }]])
  }
})

test('[P9] schemas of Effect refuse as others do', async () => {
  const Point = Schema.Struct({ x: Schema.Number, y: Schema.Number })
  const { ada, here } = await open(defineEffectRooms({ [board]: Point, 'pr:room-*': z.literal('here') }))
  ada.say('p', [[board, 1, 30_000, 1, { x: 1, y: 2 }]])
  ada.say('p', [['pr:room-7', 2, 30_000, 1, 'here']])
  ada.take()
  ada.say('p', [[board, 3, 30_000, 1, { x: 'one', y: 2 }]])
  ada.say('p', [['pr:room-7', 4, 30_000, 1, 'away']])
  expect(ada.take()).toEqual([
    ['refused', { ...misfit(board, /x/), event: 'p', n: 3 }],
    ['refused', { ...misfit('pr:room-7', /here/), event: 'p', n: 4 }],
  ])
  expect(here()).toEqual([[1, 1, { x: 1, y: 2 }]])
})

test('[A2] a schema that cannot say refuses for good; the operator hears why once a pattern, the client does not', async () => {
  const fail = (): never => {
    throw new Error('the database password is hunter2')
  }
  const rooms = defineRooms({
    'pr:later-*': z.string().refine(() => Promise.resolve(true)),
    // Zod would take a check that throws for one that is asynchronous.
    'pr:broken-*': { '~standard': { version: 1, vendor: 'mine', validate: fail } },
  })
  const { ada, here, log } = await open(rooms)
  const keys = ['pr:later-1', 'pr:later-2', 'pr:broken-1', 'pr:broken-2']
  for (const [index, key] of keys.entries()) ada.say('p', [[key, index + 1, 30_000, 1, 'x']])
  const refusals = ada.take()
  expect(refusals).toEqual(
    keys.map((room, index) => [
      'refused',
      { code: 'bad-schema', canRetry: false, event: 'p', room, n: index + 1, message: expect.stringContaining(room) },
    ]),
  )
  expect(JSON.stringify(refusals)).not.toContain('hunter2')
  expect(log).toEqual([
    { pattern: 'pr:later-*', problem: expect.stringContaining('asynchronous') },
    { pattern: 'pr:broken-*', problem: expect.stringContaining('hunter2') },
  ])
  expect(keys.flatMap((key) => here(key))).toEqual([])
})

test('[A2] a refusal stays short, however much of the data the schema repeats', async () => {
  const { ada } = await open(defineRooms({ [board]: z.strictObject({}) }))
  ada.say('p', [[board, 1, 30_000, 1, { ['x'.repeat(4_000)]: 1 }]])
  const refusals = ada.take()
  expect(refusals).toMatchObject([['refused', { code: 'bad-data' }]])
  expect(JSON.stringify(refusals).length).toBeLessThan(600)
})
