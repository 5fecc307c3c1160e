import { expect, test } from 'vitest'
import { counted, cut, readable, short, span } from './words.ts'

test('short data stand on one line, long ones a name a line', () => {
  expect(readable({ x: 1 })).toBe('{"x":1}')
  expect(readable(null)).toBe('null')
  expect(readable({ status: 'available', text: 'a sentence that goes on and on' })).toContain(
    '\n  "status": "available"',
  )
})

test('numbers and times have few digits', () => {
  expect([0, 7, 3.14159, 42.46, 999.6, 1234, 12_345, 123_456].map(short)).toEqual([
    '0',
    '7',
    '3.14',
    '42.5',
    '1,000',
    '1,234',
    '12.3 k',
    '123 k',
  ])
  expect([-5, 0, 1, 29_001, 119_000, 120_000, 3_600_000, 7_200_000, 86_400_000].map(span)).toEqual([
    '0 s',
    '0 s',
    '1 s',
    '30 s',
    '119 s',
    '2 min',
    '60 min',
    '2 h',
    '24 h',
  ])
  expect([counted(0, 'room'), counted(1, 'room'), counted(1200, 'room')]).toEqual(['0 rooms', '1 room', '1,200 rooms'])
})

test('long data are cut, and many lines are long; others are not', () => {
  expect([cut({ x: 1 }), cut('a'.repeat(190)), cut(null)]).toEqual([undefined, undefined, undefined])
  expect(cut('a'.repeat(500))).toBe(`"${'a'.repeat(99)}…`)
  const many = cut(Array.from({ length: 30 }, (_, at) => at))
  expect(many).toMatch(/^\[0,1,2,.*…$/)
})
