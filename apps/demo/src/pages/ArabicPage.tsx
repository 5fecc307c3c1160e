import { Cursors, TypingIndicator, useTyping, type OnlineUser, type TypingStrings } from '@app/react'
import { useState } from 'react'
import { Avatar } from '../components/Avatar.tsx'
import { PageHead } from '../components/PageHead.tsx'
import { roomOfPage } from '../page.ts'
import type { Place } from '../place.ts'

/** The names stand at the end, so that the verb need not know of whom it speaks. */
const typingInArabic: TypingStrings = {
  one: (name) => `يكتب الآن: ${name}`,
  many: (names) => `يكتبون الآن: ${names}`,
  several: 'عدة أشخاص يكتبون الآن',
  someone: 'شخص ما',
}

const statusInArabic = { available: 'متاح', busy: 'مشغول', away: 'بعيد' } as const

interface ArabicPageProps {
  readonly roomKey: string
  readonly users: readonly OnlineUser<Place>[]
  readonly isHere: boolean
}

/** The same from right to left, in Arabic: a cursor is over the same word for everyone on this page. */
export function ArabicPage({ roomKey, users, isHere }: ArabicPageProps) {
  const room = roomOfPage('rtl', roomKey)
  const { inputProps } = useTyping(room)
  const [text, setText] = useState('')
  const here = users.filter(({ entries }) => entries.some(({ data }) => data?.page === 'rtl'))
  return (
    <div className="wide-column">
      <PageHead title="من اليمين إلى اليسار">الحضور لا يعرف اتجاهًا: المؤشرات والأسماء ومن يكتب الآن.</PageHead>
      <div className="arabic">
        <Cursors room={room} share={isHere} className="card poster" data-testid="board">
          <p className="poster-line">أهلًا وسهلًا</p>
          <p className="poster-text">أشر إلى كلمة، فيرى كل من في هذه الصفحة إلى أين تشير.</p>
          <ul className="poster-words" aria-label="كلمات">
            {['بحر', 'بستان', 'إشارة'].map((word) => (
              <li key={word}>{word}</li>
            ))}
          </ul>
        </Cursors>
        <section className="card arabic-side" aria-labelledby="arabic-people">
          <h2 id="arabic-people">
            من هنا <span className="count">{here.length}</span>
          </h2>
          <ul className="people" data-testid="arabic-people" tabIndex={0} aria-labelledby="arabic-people">
            {here.map(({ userId, user, clientIds, entries, isMe }) => (
              <li key={userId} className="person" data-name={user?.name}>
                <Avatar user={user} clientId={clientIds[0]} />
                <span className="person-text">
                  <span className="person-name">
                    <bdi className="person-full-name">{user?.name ?? 'ضيف'}</bdi>
                    {isMe && <span className="tag">أنت</span>}
                  </span>
                  <span className="muted">{statusInArabic[entries.at(-1)?.data?.status ?? 'available']}</span>
                </span>
              </li>
            ))}
          </ul>
          <form
            onSubmit={(event) => {
              event.preventDefault()
              setText('')
            }}
          >
            <TypingIndicator room={room} locale="ar" strings={typingInArabic} data-testid="typing" />
            <div className="composer">
              <input
                {...inputProps}
                value={text}
                maxLength={200}
                onChange={(event) => setText(event.currentTarget.value)}
                placeholder="اكتب شيئًا"
                aria-label="اكتب شيئًا، فيرى الآخرون أنك تكتب"
                autoComplete="off"
                dir="auto"
                data-testid="message-input"
              />
              <button type="submit" className="button primary" disabled={text.trim() === ''} data-testid="send">
                أرسل
              </button>
            </div>
          </form>
        </section>
      </div>
    </div>
  )
}
