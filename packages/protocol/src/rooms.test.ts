import { Schema as Schema4 } from 'effect'
import { Schema as Schema3 } from 'effect3'
import type { StandardSchemaV1 } from '@standard-schema/spec'
import { describe, expect, expectTypeOf, test } from 'vitest'
import { z } from 'zod'
import { defineRooms as defineEffectRooms } from './effect.ts'
import { defineRooms, type DefinedRooms } from './rooms.ts'

const any = z.unknown()

/** The pattern whose schema a key has, of patterns in the order in which they are written. */
function pick(key: string, ...patterns: string[]): string | undefined {
  return defineRooms(Object.fromEntries(patterns.map((pattern) => [pattern, any]))).schemaFor(key)?.pattern
}

describe('the schema of a room', () => {
  test('is that of the pattern that means it, or none', () => {
    const [Board, Status] = [z.object({ x: z.number() }), z.enum(['here', 'away'])]
    const rooms = defineRooms({ 'pr:board': Board, 'pr:room-*': Status })
    expect(rooms.schemaFor('pr:board')?.schema).toBe(Board)
    expect(rooms.schemaFor('pr:room-7')?.schema).toBe(Status)
    expect(rooms.schemaFor('pr:room-7/chat')).toBeUndefined()
    expect(rooms.schemaFor('pr:boards')).toBeUndefined()
    expect(rooms.schemas).toEqual({ 'pr:board': Board, 'pr:room-*': Status })
    expect(rooms.schemaFor('pr:room-7')?.decode('asleep')).toMatchObject({ ok: false, code: 'bad-data' })
  })

  test('is that of the most precise pattern, in whatever order they are written', () => {
    const order = ['pr:**', 'pr:*', 'pr:room-**', 'pr:room-*', 'pr:room-*-of-many-letters', 'pr:room-7']
    for (const patterns of [order, [...order].reverse()]) {
      expect(pick('pr:room-7', ...patterns)).toBe('pr:room-7')
      expect(pick('pr:room-7-of-many-letters', ...patterns)).toBe('pr:room-*-of-many-letters')
      expect(pick('pr:room-8', ...patterns)).toBe('pr:room-*')
      expect(pick('pr:room-8/chat', ...patterns)).toBe('pr:room-**')
      expect(pick('pr:hall', ...patterns)).toBe('pr:*')
      expect(pick('pr:hall/chat', ...patterns)).toBe('pr:**')
    }
    expect(pick('pr:room-7', 'pr:room-7*', 'pr:room-7')).toBe('pr:room-7')
    expect(pick('pr:abc', 'pr:ab*', 'pr:*bc')).toBe('pr:ab*')
  })

  test('is none under a derived key, whose data are of another kind', () => {
    expect(pick('pr:board/cursors', 'pr:board', 'pr:**')).toBeUndefined()
    expect(pick('pr:board/typing', 'pr:board', 'pr:**')).toBeUndefined()
    expect(pick('pr:board/drawings', 'pr:board', 'pr:**')).toBe('pr:**')
  })

  test('is found however many keys were asked for, and however often', () => {
    const rooms = defineRooms({ 'pr:room-*': any })
    for (let at = 0; at < 5_000; at++) {
      for (const key of [`pr:room-${at % 2_000}`, 'pr:room-0']) expect(rooms.schemaFor(key)?.pattern).toBe('pr:room-*')
      expect(rooms.schemaFor(`pr:hall-${at % 2_000}`)).toBeUndefined()
    }
  })
})

describe('defineRooms', () => {
  const refusal = (rooms: unknown): unknown => {
    try {
      return defineRooms(rooms as Record<string, StandardSchemaV1>)
    } catch (error) {
      return error
    }
  }

  test('refuses what is no pattern, and one that could mean no room', () => {
    for (const pattern of ['board', 'pr:', 'pr:a b', 'pr:user-{userId}', 'pr:board/cursors', 'pr:**/typing'])
      expect(refusal({ [pattern]: any }), pattern).toMatchObject({ code: 'bad-options' })
    expect(refusal({ 'pr:user-{userId}': any })).toMatchObject({ message: expect.stringContaining('Use a star') })
    expect(refusal({ 'pr:board/cursors': any })).toMatchObject({ message: expect.stringContaining('derived') })
    for (const rooms of [null, undefined, 'pr:board', [any]])
      expect(refusal(rooms)).toMatchObject({ code: 'bad-options' })
  })

  test('refuses what is no schema, and says of which room', () => {
    for (const schema of [null, {}, 'x', () => true]) {
      expect(refusal({ 'pr:board': schema })).toMatchObject({
        code: 'bad-schema',
        message: expect.stringMatching(/^defineRooms, "pr:board": .*Standard Schema/),
      })
    }
  })

  test.each([
    ['3', Schema3.Struct({ x: Schema3.Number })],
    ['4', Schema4.Struct({ x: Schema4.Number })],
  ])('names the import that takes schemas of Effect %s', (_, schema) => {
    expect(refusal({ 'pr:board': schema })).toMatchObject({
      code: 'bad-schema',
      message: expect.stringMatching(/Import .*defineRooms.* from "@app\/client\/effect".*"@app\/server\/effect"/),
    })
  })
})

test('the defineRooms that knows Effect takes schemas of both kinds', () => {
  const rooms = defineEffectRooms({
    'pr:board': Schema4.Struct({ x: Schema4.Number }),
    'pr:room-*': z.enum(['here', 'away']),
  })
  const read = (key: string, data: unknown): unknown => rooms.schemaFor(key)?.decode(data)
  expect(read('pr:board', { x: 1 })).toEqual({ ok: true, value: { x: 1 } })
  expect(read('pr:board', { x: 'one' })).toMatchObject({ ok: false, code: 'bad-data' })
  expect(read('pr:room-7', 'here')).toEqual({ ok: true, value: 'here' })
  expect(() => defineEffectRooms({ 'pr:board': {} as StandardSchemaV1 })).toThrow('Standard Schema')
})

// Checked by the compiler.
test('the keys and schemas stay in the type', () => {
  const Cursor = z.object({ x: z.number(), label: z.string().default('') })
  const rooms = defineRooms({ 'pr:board': Cursor, 'pr:room-*': z.literal('here') })
  expectTypeOf<keyof typeof rooms.schemas>().toEqualTypeOf<'pr:board' | 'pr:room-*'>()
  expectTypeOf<(typeof rooms.schemas)['pr:board']>().toEqualTypeOf<typeof Cursor>()
  expectTypeOf(rooms).toExtend<DefinedRooms>()

  const Moment = Schema4.Struct({ at: Schema4.NumberFromString })
  const both = defineEffectRooms({ 'pr:board': Cursor, 'pr:moments': Moment })
  expectTypeOf<keyof typeof both.schemas>().toEqualTypeOf<'pr:board' | 'pr:moments'>()
  expectTypeOf<(typeof both.schemas)['pr:board']>().toEqualTypeOf<typeof Cursor>()
  type Moments = (typeof both.schemas)['pr:moments']
  expectTypeOf<StandardSchemaV1.InferInput<Moments>>().toEqualTypeOf<{ readonly at: string }>()
  expectTypeOf<StandardSchemaV1.InferOutput<Moments>>().toEqualTypeOf<{ readonly at: number }>()
  expectTypeOf(both).toExtend<DefinedRooms>()

  // @ts-expect-error No schema.
  expect(() => defineRooms({ 'pr:board': 5 })).toThrow('Standard Schema')
  // @ts-expect-error A schema of Effect, which this one does not take.
  expect(() => defineRooms({ 'pr:board': Schema4.Struct({ x: Schema4.Number }) })).toThrow('Effect')
})
