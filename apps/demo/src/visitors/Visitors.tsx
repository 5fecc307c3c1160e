import { useEffect, useRef, useState } from 'react'
import { useFrameWords } from '../frame.ts'
import type { Page } from '../page.ts'
import { Crowd } from './Crowd.ts'

interface VisitorsProps {
  readonly roomKey: string
  readonly page: Page
}

/** Company for who is alone: visitors that live in this tab, and go with it. */
export function Visitors({ roomKey, page }: VisitorsProps) {
  const words = useFrameWords()
  const [count, setCount] = useState(0)
  const crowd = useRef<Crowd | null>(null)
  // Made when it is first asked for: who wants no visitors has none of their code running.
  const add = (more: number) => (crowd.current ??= new Crowd(roomKey, page, setCount)).add(more)

  useEffect(() => crowd.current?.turnTo(page), [page])
  useEffect(
    () => () => {
      crowd.current?.clear()
      crowd.current = null
    },
    [roomKey],
  )

  return (
    <div className="visitors" role="group" aria-labelledby="visitors-title">
      <p id="visitors-title">
        {words.visitors}{' '}
        <span className="count" data-testid="visitor-count">
          {words.simulated(count)}
        </span>
      </p>
      <div className="buttons">
        {[5, 50].map((more) => (
          <button key={more} type="button" className="button" data-testid={`add-${more}`} onClick={() => add(more)}>
            {words.addVisitors(more)}
          </button>
        ))}
        <button
          type="button"
          className="button"
          data-testid="remove-visitors"
          // Not disabled: who has just pressed it would lose their place.
          aria-disabled={count === 0}
          onClick={() => crowd.current?.clear()}
        >
          {words.removeVisitors}
        </button>
      </div>
    </div>
  )
}
