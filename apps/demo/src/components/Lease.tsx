import type { PresenceEntry } from '@app/client'
import { usePresenceClient } from '@app/react'
import { useEffect, useState } from 'react'

interface LeaseProps {
  /** The last of them to end counts. */
  readonly entries: readonly PresenceEntry[]
  /** Put once, so that nobody will renew it. */
  readonly isOnce?: boolean
  /** What a whole lease is, for the ring. */
  readonly fullMs?: number
}

/** How long presence is still promised. The moment is on the server's clock, so it is measured by that. */
export function Lease({ entries, isOnce = false, fullMs = isOnce ? 10_000 : 30_000 }: LeaseProps) {
  const client = usePresenceClient()
  const [seconds, setSeconds] = useState<number>()

  useEffect(() => {
    const tick = () => {
      const leftMs = Math.max(...entries.map(({ expiresAtMs }) => expiresAtMs)) - client.now()
      setSeconds(Math.max(0, Math.ceil(leftMs / 1_000)))
    }
    tick()
    const timer = setInterval(tick, 250)
    return () => clearInterval(timer)
  }, [client, entries])

  if (seconds === undefined) return <span className="lease" />
  const part = Math.min(1, (seconds * 1_000) / fullMs)
  return (
    <span
      className="lease"
      data-testid="lease"
      data-seconds={seconds}
      data-once={isOnce || undefined}
      title={isOnce ? `Ends in ${seconds} s` : `Promised for ${seconds} s more, and renewed while the tab lives`}
    >
      {seconds} s
      <svg viewBox="0 0 20 20" width="18" height="18" aria-hidden="true">
        <circle cx="10" cy="10" r="8" className="lease-track" />
        <circle cx="10" cy="10" r="8" className="lease-ring" pathLength="1" strokeDashoffset={1 - part} />
      </svg>
    </span>
  )
}
