import type { PresenceEntry } from '@app/client'
import { useConnectionStatus, usePresenceClient } from '@app/react'
import { useLayoutEffect, useRef } from 'react'

interface LeaseProps {
  /** The last of them to end counts. */
  readonly entries: readonly PresenceEntry[]
  /** Put once, so that nobody will renew it. */
  readonly isOnce?: boolean
  /** What a whole lease is, for the ring. */
  readonly fullMs?: number
}

/**
 * How long presence is still promised. The moment is on the server's clock, so it is measured by that. It is written to the
 * page past React: fifty leases that count down are no commit.
 */
export function Lease({ entries, isOnce = false, fullMs = isOnce ? 10_000 : 30_000 }: LeaseProps) {
  const client = usePresenceClient()
  // Without a connection nobody hears of renewals: the ring stands still, and says that it does. What nobody renews goes on.
  const isPaused = useConnectionStatus() !== 'connected' && !isOnce
  const lease = useRef<HTMLSpanElement>(null)
  const words = useRef<HTMLSpanElement>(null)
  const ring = useRef<SVGCircleElement>(null)

  useLayoutEffect(() => {
    const show = () => {
      const leftMs = Math.max(...entries.map(({ expiresAtMs }) => expiresAtMs)) - client.now()
      const seconds = Math.max(0, Math.ceil(leftMs / 1_000))
      if (!lease.current || !words.current || !ring.current) return
      if (lease.current.dataset['seconds'] === String(seconds)) return
      lease.current.dataset['seconds'] = String(seconds)
      words.current.textContent = `${seconds} s`
      ring.current.style.strokeDashoffset = String(1 - Math.min(1, (seconds * 1_000) / fullMs))
    }
    if (!isPaused || lease.current?.dataset['seconds'] === undefined) show()
    if (isPaused) return
    const timer = setInterval(show, 250)
    return () => clearInterval(timer)
  }, [client, entries, fullMs, isPaused])

  return (
    <span
      ref={lease}
      className="lease"
      data-testid="lease"
      data-once={isOnce || undefined}
      data-paused={isPaused || undefined}
      title={
        isPaused
          ? 'Not connected: nobody can say for how long'
          : isOnce
            ? 'Nobody renews it'
            : 'Promised for so long, and renewed while the tab lives'
      }
    >
      <span ref={words} />
      <svg viewBox="0 0 20 20" width="18" height="18" aria-hidden="true">
        <circle cx="10" cy="10" r="8" className="lease-track" />
        <circle ref={ring} cx="10" cy="10" r="8" className="lease-ring" pathLength="1" />
      </svg>
    </span>
  )
}
