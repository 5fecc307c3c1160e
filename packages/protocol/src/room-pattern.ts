import { PresenceError } from './errors.ts'
import { baseKey } from './room-key.ts'

const shape = /^pr:([A-Za-z0-9._~:@+/*-]|\{userId\}){1,252}$/

type Token = { readonly kind: 'text' | 'star' | 'stars'; readonly text: string }

/** Which rooms are meant: `*` stands for anything within a segment between slashes, `**` for anything at all. */
export interface RoomPattern {
  readonly text: string
  /** Whether a key is meant; a derived key is what its KEY is. */
  matches(key: string): boolean
}

/**
 * Reads a pattern such as `pr:room-*`, `pr:team/**` or `pr:user-{userId}`; `{userId}` stands for exactly that id, whatever
 * is in it, and for nothing without one. Throws `bad-options`.
 */
export function parseRoomPattern(pattern: unknown, userId?: string): RoomPattern {
  if (typeof pattern !== 'string' || !shape.test(pattern)) {
    throw new PresenceError(
      'bad-options',
      `${JSON.stringify(pattern)} is no pattern of rooms: write "pr:" and then what a key has, with * for anything up to the next slash, ** for anything at all, and {userId} for the id of the user.`,
    )
  }
  const parts = pattern.split(/(\*\*+|\*|\{userId\})/).filter((part) => part !== '')
  const isForNobody = parts.includes('{userId}') && userId === undefined
  const tokens = parts.map((text): Token => {
    if (text === '{userId}') return { kind: 'text', text: userId ?? '' }
    return { kind: text === '*' ? 'star' : text.startsWith('**') ? 'stars' : 'text', text }
  })
  return { text: pattern, matches: (key) => !isForNobody && fits(tokens, baseKey(key)) }
}

/**
 * All ways to read the key at once, so that no pattern takes long: the places in the key that the tokens so far can have
 * reached.
 */
function fits(tokens: readonly Token[], key: string): boolean {
  let places = new Set([0])
  for (const { kind, text } of tokens) {
    const reached = new Set<number>()
    for (const at of places) {
      if (kind === 'text') {
        if (key.startsWith(text, at)) reached.add(at + text.length)
        continue
      }
      for (let to = at; to <= key.length && !reached.has(to); to++) {
        reached.add(to)
        if (kind === 'star' && key[to] === '/') break
      }
    }
    places = reached
  }
  return places.has(key.length)
}
