import type { PresenceUser } from '@app/client'

/** A user's colour, and one in which text on it can be read. */
export interface UserColor {
  readonly color: string
  readonly textColor: string
}

// Each is 4.5 : 1 under white text, and 3 : 1 on a white page and on a nearly black one.
export const palette = [
  '#d6336c',
  '#c2410c',
  '#a16207',
  '#4d7c0f',
  '#15803d',
  '#0f766e',
  '#0e7490',
  '#2563eb',
  '#4f46e5',
  '#7c3aed',
  '#a824b4',
  '#be123c',
] as const

// One colour and nothing else: a name, a hex number or a function. A peer writes it, and url() would load something.
// Of the words none that would be no colour of its own.
const oneColor =
  /^(#[\da-f]{3,8}|(?!transparent|inherit|initial|unset|revert|currentcolor)[a-z]+|(rgb|hsl|hwb|lab|lch|oklab|oklch|color)a?\([\w\s%.,/+-]*\))$/i

/** The colour a user brings along, or one that follows from who they are: the same in every tab, for everyone. */
export function userColor(user: PresenceUser | undefined, clientId?: number): UserColor {
  const own = user?.color?.trim()
  const color = own && oneColor.test(own) ? own : derivedColor(user?.id ?? `client:${clientId}`)
  return { color, textColor: textColorOn(color) }
}

function derivedColor(id: string): string {
  let hash = 2_166_136_261
  for (let i = 0; i < id.length; i++) hash = Math.imul(hash ^ id.charCodeAt(i), 16_777_619)
  // The low bits of similar ids are similar.
  hash ^= hash >>> 15
  return palette[(hash >>> 0) % palette.length] ?? palette[0]
}

// White on it has WCAG's contrast of 4.5 : 1, 1.05 / (whiteMax + 0.05). On what is lighter, black has more than that.
const whiteMax = 1.05 / 4.5 - 0.05

function textColorOn(color: string): string {
  const luminance = luminanceOf(color)
  // The browser knows every colour: white on the dark ones, black on the light ones.
  if (luminance === null) return `oklch(from ${color} clamp(0, (0.65 - l) * 1000, 1) 0 0)`
  return luminance <= whiteMax ? '#fff' : '#000'
}

/** WCAG's relative luminance of a hex colour, 0 to 1; null of any other. */
export function luminanceOf(color: string): number | null {
  const hex = /^#([\da-f]{3,4}|([\da-f]{2}){3,4})$/i.exec(color)?.[1]
  if (!hex) return null
  const digits = hex.length < 6 ? 1 : 2
  const channel = (at: number) => {
    const value = Number.parseInt(hex.slice(at * digits, (at + 1) * digits), 16) / (16 ** digits - 1)
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4
  }
  return 0.2126 * channel(0) + 0.7152 * channel(1) + 0.0722 * channel(2)
}
