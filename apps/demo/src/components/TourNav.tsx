import { userColor, type OnlineUser } from '@app/react'
import type { MouseEvent } from 'react'
import { useFrameWords } from '../frame.ts'
import { addressOf, pages, turnTo, type Page } from '../page.ts'
import type { Place } from '../place.ts'

interface TourNavProps {
  readonly page: Page
  readonly search: string
  readonly users: readonly OnlineUser<Place>[]
}

// More than these are a crowd.
const dotsMax = 4

/** The pages, and as dots who is on which. */
export function TourNav({ page, search, users }: TourNavProps) {
  const words = useFrameWords()
  return (
    <nav className="tour" aria-label={words.tour}>
      <ul>
        {pages.map((each) => {
          const here = users.filter(({ entries }) => entries.some(({ data }) => (data?.page ?? 'room') === each))
          return (
            <li key={each}>
              <a
                href={addressOf(each, search)}
                onClick={turnsPage}
                aria-current={each === page ? 'page' : undefined}
                lang={each === 'rtl' ? 'ar' : undefined}
                data-testid={`to-${each}`}
              >
                {words.pages[each]}
                <span className="tour-dots" aria-hidden="true">
                  {here.slice(0, dotsMax).map(({ userId, user, clientIds }) => (
                    <span key={userId} style={{ backgroundColor: userColor(user, clientIds[0]).color }} />
                  ))}
                  {here.length > dotsMax && <i dir="ltr">+{here.length - dotsMax}</i>}
                </span>
              </a>
            </li>
          )
        })}
      </ul>
    </nav>
  )
}

/** For a link of the tour: a plain click turns the page without a load; what opens another tab is the browser's. */
export function turnsPage(event: MouseEvent<HTMLAnchorElement>): void {
  if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return
  event.preventDefault()
  turnTo(event.currentTarget.href.slice(location.origin.length))
}
