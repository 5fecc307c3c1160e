import { Schema } from 'effect3'
import { expect, test, vi } from 'vitest'
import { defineRooms, fromEffect } from './effect.ts'

// Where an application has Effect 3, this is what is installed under the name.
vi.mock('effect/Schema', async () => ({
  ...(await import('effect3/Schema')),
  // Asked for a name that a mock does not have, Vitest throws where a module has undefined.
  toStandardSchemaV1: undefined,
}))

const Point = Schema.Struct({ x: Schema.NumberFromString })

test('schemas of Effect 3 are taken where that is installed, and converted once', () => {
  const rooms = defineRooms({ 'pr:board': Point })
  expect(rooms.schemaFor('pr:board')?.decode({ x: '1' })).toEqual({ ok: true, value: { x: 1 } })
  expect(rooms.schemaFor('pr:board')?.decode({ x: 1 })).toMatchObject({ ok: false, code: 'bad-data' })
  expect(rooms.schemas['pr:board']).toBe(fromEffect(Point))
})
