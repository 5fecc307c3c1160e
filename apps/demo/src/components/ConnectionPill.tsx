import { useConnectionStatus } from '@app/react'

const words = {
  idle: 'Not connected',
  connecting: 'Connecting…',
  connected: 'Connected',
  reconnecting: 'Reconnecting…',
  closed: 'Closed',
  refused: 'Refused',
} as const

export function ConnectionPill() {
  const status = useConnectionStatus()
  return (
    <p className="pill" role="status" data-testid="connection-status" data-status={status}>
      <span className="pill-dot" aria-hidden="true" />
      <span className="pill-words">{words[status]}</span>
    </p>
  )
}
