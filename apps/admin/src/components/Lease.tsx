import { usePresenceClient } from '@app/react'
import { useLayoutEffect, useRef } from 'react'
import { span } from '../words.ts'

interface LeaseProps {
  /** On the server's clock. */
  readonly expiresAtMs: number
  /** A client renews it while it is connected; undefined where that is not known. */
  readonly isHeld: boolean | undefined
}

/** How long an entry is promised still. It is written past React: hundreds that count down are no commit. */
export function Lease({ expiresAtMs, isHeld }: LeaseProps) {
  const client = usePresenceClient()
  const words = useRef<HTMLSpanElement>(null)

  useLayoutEffect(() => {
    const show = () => {
      const text = span(expiresAtMs - client.now())
      if (words.current && words.current.textContent !== text) words.current.textContent = text
    }
    show()
    everySecond.add(show)
    return () => everySecond.delete(show)
  }, [client, expiresAtMs])

  return (
    <span className="lease" data-held={isHeld}>
      {isHeld !== undefined && (
        <span
          className="tag"
          title={isHeld ? 'Its client renews it while it is connected' : 'It ends then, unless it is put again'}
        >
          {isHeld ? 'held' : 'timed'}
        </span>
      )}
      <span ref={words} className="digits" data-testid="time-left" />
    </span>
  )
}

/** One timer for however many; none while there are none. */
const everySecond = (() => {
  const shown = new Set<() => void>()
  let timer: ReturnType<typeof setInterval> | undefined
  return {
    add(show: () => void) {
      shown.add(show)
      timer ??= setInterval(() => {
        for (const each of shown) each()
      }, 1_000)
    },
    delete(show: () => void) {
      shown.delete(show)
      if (shown.size > 0) return
      clearInterval(timer)
      timer = undefined
    },
  }
})()
