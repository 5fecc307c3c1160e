import { ConnectionBanner, usePresence, usePresenceClient } from '@app/react'
import { useEffect, useLayoutEffect, useRef, useState } from 'react'
import { myColor } from '../colors.ts'
import { FrameContext, languageOf } from '../frame.ts'
import { Meter } from '../meter/Meter.tsx'
import { pageOf, useSearch } from '../page.ts'
import { ArabicPage } from '../pages/ArabicPage.tsx'
import { BoardPage } from '../pages/BoardPage.tsx'
import { ChatPage } from '../pages/ChatPage.tsx'
import { DocumentsPage } from '../pages/DocumentsPage.tsx'
import { FormPage } from '../pages/FormPage.tsx'
import { RoomPage } from '../pages/RoomPage.tsx'
import type { Place } from '../place.ts'
import type { Visit } from '../visit.ts'
import { Visitors } from '../visitors/Visitors.tsx'
import { Header } from './Header.tsx'
import { Toasts } from './Toasts.tsx'
import { TourNav } from './TourNav.tsx'

interface TourProps {
  readonly visit: Visit
  readonly onColor: (color: string) => void
}

const isWide = matchMedia('(min-width: 901px)').matches

/**
 * The frame around each page. My place in the room is the only entry that is held by hand, and it stays while I walk through the
 * pages; cursors, typing and what the pages hold look after themselves.
 */
export function Tour({ visit: { room, key, user }, onColor }: TourProps) {
  const client = usePresenceClient()
  const search = useSearch()
  const page = pageOf(search)
  const [first] = useState<Place>({ status: 'available', page })
  const presence = usePresence<Place>(key, { data: first })
  const { users, online, count, self, update } = presence
  const { lang, dir, words } = languageOf(page)

  useEffect(() => {
    const place = page === 'room' ? room : `${words.pages[page]} · ${room}`
    document.title = count > 1 ? `(${count}) ${place} · Presence` : `${place} · Presence`
  }, [count, room, page, words])

  useLayoutEffect(() => {
    Object.assign(document.documentElement, { lang, dir })
  }, [lang, dir])

  // Who has left the room looks at another page unseen.
  const place = self?.data
  useEffect(() => {
    if (place && (place.page ?? 'room') !== page && !place.isOnce) update({ ...place, page })
  }, [place, page, update])

  useEffect(() => {
    if (self && presence.status === 'live') onColor(myColor(online, { ...user, clientId: client.clientId }))
  }, [self, online, presence.status, user, client, onColor])

  // A reader who has turned the page is at its beginning, as after a load.
  const main = useRef<HTMLElement>(null)
  const shown = useRef(page)
  useEffect(() => {
    if (shown.current === page) return
    shown.current = page
    main.current?.focus({ preventScroll: true })
    scrollTo(0, 0)
  }, [page])

  return (
    <FrameContext.Provider value={words}>
      <div className="page" data-page={page}>
        <a className="skip" href="#main">
          {words.skip}
        </a>
        <Header room={room} />
        <TourNav page={page} search={search} users={users} />
        <main id="main" ref={main} tabIndex={-1} data-page={page} aria-label={words.pages[page]}>
          {page === 'room' && <RoomPage room={room} roomKey={key} name={user.name} presence={presence} />}
          {page === 'board' && <BoardPage roomKey={key} isHere={self !== null} />}
          {page === 'chat' && <ChatPage roomKey={key} />}
          {page === 'form' && <FormPage roomKey={key} />}
          {page === 'documents' && <DocumentsPage roomKey={key} search={search} />}
          {page === 'rtl' && <ArabicPage roomKey={key} users={users} isHere={self !== null} />}
        </main>
        <footer className="workbench">
          <Visitors roomKey={key} page={page} />
          <Meter isOpen={isWide} />
          {/* Over the page, and in a landmark, so that who goes from one to the next comes by. */}
          <Toasts roomKey={key} />
          <ConnectionBanner strings={words.banner} data-testid="banner" />
        </footer>
      </div>
    </FrameContext.Provider>
  )
}
