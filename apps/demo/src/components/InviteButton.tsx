import { useEffect, useState } from 'react'
import { useFrameWords } from '../frame.ts'
import { invitation } from '../visit.ts'

/** Copies the address of the room. Where a page may not write to the clipboard, it shows the address to copy by hand. */
export function InviteButton({ room }: { readonly room: string }) {
  const [told, setTold] = useState<'nothing' | 'copied' | 'address'>('nothing')
  const words = useFrameWords()
  const address = invitation(location.href, room)

  useEffect(() => {
    if (told !== 'copied') return
    const timer = setTimeout(() => setTold('nothing'), 2_000)
    return () => clearTimeout(timer)
  }, [told])

  const copy = async () => {
    try {
      await navigator.clipboard.writeText(address)
      setTold('copied')
    } catch {
      // Plain http, or not permitted.
      setTold('address')
    }
  }

  if (told === 'address')
    return (
      <input
        className="invite-address"
        readOnly
        autoFocus
        aria-label={words.address}
        value={address}
        onFocus={(event) => event.currentTarget.select()}
        onBlur={() => setTold('nothing')}
      />
    )
  return (
    <button type="button" className="button" data-testid="invite" onClick={() => void copy()}>
      <svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true" className="icon">
        <path d="M6.5 9.5a2.8 2.8 0 0 0 4 0l2.3-2.3a2.8 2.8 0 1 0-4-4l-.7.7M9.5 6.5a2.8 2.8 0 0 0-4 0L3.2 8.8a2.8 2.8 0 1 0 4 4l.7-.7" />
      </svg>
      <span className="button-words" data-told={told === 'copied' || undefined} aria-live="polite">
        {told === 'copied' ? words.invited : words.invite}
      </span>
    </button>
  )
}
