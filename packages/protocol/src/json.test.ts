import { expect, test } from 'vitest'
import { encodeData, utf8Length } from './json.ts'

const code = (value: unknown, max = 4_096) => {
  try {
    encodeData(value, max)
  } catch (error) {
    return (error as { code?: string }).code
  }
  return 'no error'
}

test('[P8] null, 0, false, "" and an own key __proto__ are data', () => {
  for (const value of [null, 0, false, '', [], {}]) expect(encodeData(value, 100).data).toEqual(value)
  const own = JSON.parse('{"__proto__":{"admin":true}}') as object
  const { json, data } = encodeData(own, 100)
  expect(json).toBe('{"__proto__":{"admin":true}}')
  expect(Object.hasOwn(data as object, '__proto__')).toBe(true)
  expect((data as { admin?: unknown }).admin).toBeUndefined()
})

test('[P8] what JSON cannot carry is bad-data', () => {
  const cycle: Record<string, unknown> = {}
  cycle['self'] = cycle
  const cannot = [
    undefined,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    { x: Number.NaN },
    1n,
    { x: 1n },
    () => 1,
    { f() {} },
    Symbol('s'),
    [undefined],
  ]
  for (const value of [
    ...cannot,
    cycle,
    new Map(),
    new Set([1]),
    new Uint8Array(2),
    /x/,
    new Error('x'),
    Promise.resolve(),
  ]) {
    expect(code(value)).toBe('bad-data')
  }
  let deep: unknown = 0
  for (let i = 0; i < 100_000; i++) deep = [deep]
  expect(code(deep)).toBe('bad-data')
})

test('what writes itself as JSON is taken as it writes itself', () => {
  expect(encodeData({ at: new Date(0), gone: undefined }, 100).data).toEqual({ at: '1970-01-01T00:00:00.000Z' })
})

test('[P8] the size is counted in UTF-8 bytes of JSON', () => {
  expect(code('x'.repeat(4_094))).toBe('no error')
  expect(code('x'.repeat(4_095))).toBe('too-large')
  expect(code('€'.repeat(1_365))).toBe('too-large')
  for (const text of ['', 'a', 'é', '€', '😀', 'a😀é€'])
    expect(utf8Length(text)).toBe(new TextEncoder().encode(text).length)
})

test('[P8] a later change of the caller changes nothing here', () => {
  const mine = { x: 1 }
  const { data } = encodeData(mine, 100)
  mine.x = 2
  expect(data).toEqual({ x: 1 })
})
