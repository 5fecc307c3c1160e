import { expect, test } from 'vitest'
import { luminanceOf, palette, userColor } from './userColor.ts'

const luminance = (color: string) => luminanceOf(color) ?? Number.NaN
/** WCAG's contrast of two luminances, 1 to 21. */
const contrast = (one: number, other: number) => (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05)

test('every colour of the palette carries white text, and stands out on a light page and on a dark one', () => {
  for (const color of palette) {
    expect(contrast(luminance(color), 1)).toBeGreaterThanOrEqual(4.5)
    expect(contrast(luminance(color), luminance('#101012'))).toBeGreaterThanOrEqual(3)
  }
})

test('a user has the same colour everywhere, and many users have many colours', () => {
  expect(userColor({ id: 'ada' })).toEqual(userColor({ id: 'ada', name: 'Ada' }))
  const colors = new Set(Array.from({ length: 200 }, (_, i) => userColor({ id: `user-${i}` }).color))
  expect(colors.size).toBe(palette.length)
})

test('a client without a user has a colour of its own', () => {
  expect(userColor(undefined, 7).color).toBe(userColor({ id: 'client:7' }).color)
})

test("the user's own colour counts, and the text on it can be read", () => {
  expect(userColor({ id: 'a', color: '#ffd43b' })).toEqual({ color: '#ffd43b', textColor: '#000' })
  expect(userColor({ id: 'a', color: '#036' })).toEqual({ color: '#036', textColor: '#fff' })
  const { color, textColor } = userColor({ id: 'a', color: 'rebeccapurple' })
  expect(color).toBe('rebeccapurple')
  expect(textColor).toContain('from rebeccapurple')
})

test('what a peer calls a colour is none when it would load something, end the style or show nothing', () => {
  for (const color of [
    'transparent',
    'inherit',
    'currentColor',
    'url(https://spy.example/x)',
    'red; background: url(x)',
    'var(--x)',
    'image(x)',
    '#12g',
    '',
  ])
    expect(userColor({ id: 'ada', color }).color).toBe(userColor({ id: 'ada' }).color)
})

test('luminance is what WCAG says', () => {
  expect(luminanceOf('#fff')).toBeCloseTo(1)
  expect(luminanceOf('#000000')).toBe(0)
  expect(luminanceOf('#808080')).toBeCloseTo(0.2159, 3)
  expect(luminanceOf('#12345')).toBeNull()
  expect(luminanceOf('red')).toBeNull()
})
