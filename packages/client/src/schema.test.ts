import { scriptedEdges } from '@app/testkit'
import { type } from 'arktype'
import { Schema as Schema4 } from 'effect'
import { Schema as Schema3 } from 'effect3'
import * as v from 'valibot'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { Client } from './client.ts'
import { fromEffect } from './effect.ts'

const key = 'pr:cursors'

async function open() {
  const edges = scriptedEdges()
  const client = new Client({}, { ...edges, toStandard: toStandard })
  const errors: { code: string; room?: string }[] = []
  client.onError(({ code, room }) => errors.push({ code, ...(room === undefined ? {} : { room }) }))
  client.connect()
  await edges.server.connected()
  return { ...edges, client, errors, me: client.clientId }
}

/** What `@app/client/effect` does, for the Effect that is installed here under the name "effect". */
const toStandard = (schema: unknown) => (schema === Point4 ? fromEffect(Point4) : schema)

const Point4 = Schema4.Struct({ x: Schema4.Number, y: Schema4.Number })
const schemas = {
  zod: z.object({ x: z.number(), y: z.number() }),
  valibot: v.object({ x: v.number(), y: v.number() }),
  arktype: type({ x: 'number', y: 'number' }),
  'Effect 4': Point4,
  'Effect 3': Schema3.standardSchemaV1(Schema3.Struct({ x: Schema3.Number, y: Schema3.Number })),
}

for (const [name, schema] of Object.entries(schemas)) {
  test(`[P9] with ${name}, bad data throws at the call and changes nothing`, async () => {
    const { client, me } = await open()
    const room = client.presence(key, schema as typeof schemas.zod)
    room.heartbeat({ x: 120, y: 340 }, 5_000)
    expect(room.value().get(me)?.data).toEqual({ x: 120, y: 340 })
    const bad = { x: 'no', y: 1 } as unknown as { x: number; y: number }
    expect(() => room.heartbeat(bad, 5_000)).toThrowError(
      expect.objectContaining({ name: 'PresenceError', code: 'bad-data', room: key }),
    )
    expect(() => room.track(bad)).toThrowError(expect.objectContaining({ code: 'bad-data' }))
    expect(room.value().get(me)?.data).toEqual({ x: 120, y: 340 })
  })
}

test('[P9] a bad entry of a peer is left out and reported once until a good one comes; without a schema it shows', async () => {
  const { client, server, errors } = await open()
  const room = client.presence(key, schemas.zod)
  const log: string[] = []
  room.onChange((entries, change) => {
    log.push(`${entries.size}: +${change.joined.length} ~${change.updated.length} -${change.left.length}`)
  })
  server.put(key, 9, { x: 'bad' })
  server.put(key, 9, { x: 'worse' })
  expect(room.value().size).toBe(0)
  expect(log).toEqual([])
  expect(errors).toEqual([{ code: 'bad-data', room: key }])
  expect(client.presence(key).value().get(9)?.data).toEqual({ x: 'worse' })

  server.put(key, 9, { x: 1, y: 2 })
  server.put(key, 9, { x: 3, y: 4 })
  server.put(key, 9, { x: 'bad again' })
  expect(log).toEqual(['1: +1 ~0 -0', '1: +0 ~1 -0', '0: +0 ~0 -1'])
  expect(errors.length).toBe(2)
})

test('[P9] two handles on one key may have two schemas, and mine is left out where it does not fit', async () => {
  const { client, me, errors } = await open()
  const [points, names] = [client.presence(key, schemas.zod), client.presence(key, z.object({ name: z.string() }))]
  points.heartbeat({ x: 1, y: 2 }, 5_000)
  expect(points.value().has(me)).toBe(true)
  expect(names.value().has(me)).toBe(false)
  await Promise.resolve()
  expect(errors.length).toBe(1)
})

test("what is sent is the schema's input, what value() holds is its output", async () => {
  const { client, server, me } = await open()
  const room = client.presence(key, z.object({ at: z.string().transform((text) => new Date(text)) }))
  const at = '2026-01-02T03:04:05.000Z'
  const track = room.track({ at })
  expect(server.puts(key)[0]?.[4]).toEqual({ at })
  expect(room.value().get(me)?.data.at).toEqual(new Date(at))
  track.update((input) => ({ at: input.at.replace('2026', '2027') }))
  expect(room.value().get(me)?.data.at.getUTCFullYear()).toBe(2027)
})

test('an asynchronous schema, no schema, and an Effect schema without its entry are bad-schema', async () => {
  const { client } = await open()
  const later = client.presence(key, z.object({ x: z.number().refine(() => Promise.resolve(true)) }))
  expect(() => later.heartbeat({ x: 1 }, 5_000)).toThrowError(expect.objectContaining({ code: 'bad-schema' }))
  for (const schema of [{}, null, 5, 'x', () => true]) {
    expect(() => client.presence(key, schema as never)).toThrowError(expect.objectContaining({ code: 'bad-schema' }))
  }
  const effect = Schema4.Struct({ x: Schema4.Number })
  expect(() => client.presence(key, effect as never)).toThrowError(/@app\/client\/effect/)
})
