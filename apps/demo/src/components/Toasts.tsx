import { usePresenceEvents, type OnlineUser } from '@app/react'
import { useEffect, useRef, useState } from 'react'
import { useFrameWords } from '../frame.ts'

interface Toast {
  readonly n: number
  readonly name: string
  readonly hasCome: boolean
}

const shownMs = 4_000
const shownMax = 3

/** Who comes and goes, for a moment. A reload is neither, and simulated visitors are too many to be told of. */
export function Toasts({ roomKey }: { readonly roomKey: string }) {
  const words = useFrameWords()
  const [toasts, setToasts] = useState<readonly Toast[]>([])
  const last = useRef(0)
  const timers = useRef(new Set<ReturnType<typeof setTimeout>>())

  useEffect(() => {
    const running = timers.current
    return () => running.forEach((timer) => clearTimeout(timer))
  }, [])

  const tell = ({ user }: OnlineUser, hasCome: boolean) => {
    if (user?.['isVisitor'] === true) return
    const toast = { n: ++last.current, name: user?.name ?? words.guest, hasCome }
    setToasts((before) => [...before, toast].slice(-shownMax))
    const timer = setTimeout(() => {
      timers.current.delete(timer)
      setToasts((before) => before.filter(({ n }) => n !== toast.n))
    }, shownMs)
    timers.current.add(timer)
  }
  usePresenceEvents(roomKey, { onJoin: (user) => tell(user, true), onLeave: (user) => tell(user, false) })

  return (
    <div className="toasts" role="status" data-testid="toasts">
      {toasts.map(({ n, name, hasCome }) => (
        <p key={n} className="toast">
          <bdi>{name}</bdi> {hasCome ? words.came : words.went}
        </p>
      ))}
    </div>
  )
}
