import { useConnectionStatus } from '@app/react'
import { useFrameWords } from '../frame.ts'

export function ConnectionPill() {
  const status = useConnectionStatus()
  const words = useFrameWords()
  return (
    <p className="pill" role="status" data-testid="connection-status" data-status={status}>
      <span className="pill-dot" aria-hidden="true" />
      <span className="pill-words">{words.status[status]}</span>
    </p>
  )
}
