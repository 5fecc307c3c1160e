import type { PresenceUser } from '@app/client'
import { userColor } from '@app/react'

interface AvatarProps {
  readonly user: PresenceUser | undefined
  readonly clientId: number | undefined
  readonly state?: string
}

export function Avatar({ user, clientId, state }: AvatarProps) {
  const { color, textColor } = userColor(user, clientId)
  return (
    <span className="avatar" style={{ backgroundColor: color, color: textColor }} aria-hidden="true">
      {initials(user?.name)}
      {state !== undefined && <span className="avatar-state" data-state={state} />}
    </span>
  )
}

function initials(name = '?'): string {
  const words = name.split(' ').filter(Boolean)
  const ends = words.length > 1 ? [words[0], words.at(-1)] : words
  return ends.map(firstSign).join('').toUpperCase()
}

// What the eye takes for one sign may be several characters.
const signs = new Intl.Segmenter()

function firstSign(word = ''): string {
  const [first] = signs.segment(word)
  return first?.segment ?? ''
}
