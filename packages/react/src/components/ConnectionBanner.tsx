'use client'
import { forwardRef, useEffect, useState, type HTMLAttributes } from 'react'
import type { PresenceError } from '@app/client'
import { classes } from '../classes.ts'
import { keptFocus } from '../keptFocus.ts'
import { useConnectionStatus } from '../useConnectionStatus.ts'
import { usePresenceClient } from '../usePresenceClient.ts'
import { wordsOf } from '../wordsOf.ts'

/** What the banner says; replace them to speak another language. */
export interface ConnectionBannerStrings {
  connecting: string
  reconnecting: string
  /** The server will not have this client; `error` is why, as far as it is known. */
  refused(error: PresenceError | null): string
  /** When it is tried again; 0 for now. */
  retry(seconds: number): string
  /** On the button. */
  tryNow: string
}

const english: ConnectionBannerStrings = {
  connecting: 'Connecting…',
  reconnecting: 'Connection lost. What you see may be old.',
  refused: (error) => `Not connected. ${error?.message ?? ''}`,
  retry: (seconds) => (seconds > 0 ? `Trying again in ${seconds} s.` : 'Trying again…'),
  tryNow: 'Try now',
}

/** When the banner speaks, and in which words; any other attribute goes to its element. */
export interface ConnectionBannerProps extends Omit<HTMLAttributes<HTMLDivElement>, 'children'> {
  /** How long there is no connection before it appears, in ms. Default: 2 000. */
  readonly delayMs?: number | undefined
  /** What it says, to speak another language; whatever is left out stays English. */
  readonly strings?: Partial<ConnectionBannerStrings> | undefined
}

/**
 * Says that the connection is missing, once it has been for a while, and when it is tried again. Empty otherwise, also on the
 * server, and while nothing asks for a connection. `data-state` is `connecting`, `reconnecting` or `refused` while it shows.
 * The stylesheet lays it over the page; without it, it takes its place in the flow.
 */
export const ConnectionBanner = forwardRef<HTMLDivElement, ConnectionBannerProps>(function ConnectionBanner(
  { delayMs = 2_000, strings, className, ...rest },
  ref,
) {
  const client = usePresenceClient()
  const { clock } = client
  const status = useConnectionStatus()
  // A state that there are words for is one without a connection.
  const isMissing = status in english
  const [isLate, setIsLate] = useState(false)
  if (isLate && !isMissing) setIsLate(false)
  const [keep] = useState(keptFocus)
  const [seconds, setSeconds] = useState(0)
  useEffect(() => {
    if (!isMissing) return undefined
    return clock.after(delayMs, () => setIsLate(true))
  }, [clock, isMissing, delayMs])
  const look = () => setSeconds(Math.ceil((client.retryInMs ?? 0) / 1_000))
  const isShown = isLate && isMissing
  useEffect(() => {
    if (!isShown) return undefined
    let cancel = () => {}
    const tick = () => {
      look()
      cancel = clock.after(1_000, tick)
    }
    tick()
    return () => cancel()
    // oxlint-disable-next-line react/exhaustive-deps
  }, [client, isShown])

  const say = wordsOf(english, strings)
  const told = !isShown
    ? ''
    : status === 'refused'
      ? say.refused(client.error)
      : say[status as 'connecting' | 'reconnecting']
  return (
    <div
      data-state={isShown ? status : undefined}
      {...rest}
      ref={ref}
      className={classes('presence-banner', className)}
    >
      {/* There before it speaks, or it is not heard; the seconds are for the eye only, or it would never be silent. */}
      <span role="status">{told}</span>
      {isShown && (
        <>
          {(seconds > 0 || status === 'reconnecting') && <span>{say.retry(seconds)}</span>}
          <button
            ref={keep}
            type="button"
            onClick={() => {
              client.connect()
              look()
            }}
          >
            {say.tryNow}
          </button>
        </>
      )}
    </div>
  )
})
