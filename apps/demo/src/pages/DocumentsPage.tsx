import { AvatarStack, Cursors, usePresence } from '@app/react'
import { PageHead } from '../components/PageHead.tsx'
import { turnsPage } from '../components/TourNav.tsx'
import { documents, roomOfDocument, type Paper } from '../documents.ts'
import { addressOf, detailOf } from '../page.ts'

interface DocumentsPageProps {
  readonly roomKey: string
  readonly search: string
}

/** A document is a room, and who has it open is in it: the list watches all of these rooms and is in none. */
export function DocumentsPage({ roomKey, search }: DocumentsPageProps) {
  const open = documents.find(({ id }) => id === detailOf(search))
  return (
    <div className="wide-column">
      <PageHead title="Documents">Open one: everyone who looks at the list sees you in it.</PageHead>
      <div className="documents">
        <ul className="card document-list">
          {documents.map(({ id, title, kind }) => (
            <li key={id} data-testid={`document-${id}`}>
              <a
                href={addressOf('documents', search, id)}
                onClick={turnsPage}
                aria-current={open?.id === id ? 'true' : undefined}
              >
                <strong>{title}</strong>
                <span className="muted">{kind}</span>
              </a>
              <AvatarStack room={roomOfDocument(id, roomKey)} max={4} data-testid="faces" />
            </li>
          ))}
        </ul>
        {open ? (
          <OpenDocument key={open.id} paper={open} roomKey={roomKey} closeTo={addressOf('documents', search)} />
        ) : (
          <div className="card document-none">
            <p>No document is open.</p>
            <p className="muted">The faces show where the others are.</p>
          </div>
        )}
      </div>
    </div>
  )
}

interface OpenDocumentProps {
  readonly paper: Paper
  readonly roomKey: string
  readonly closeTo: string
}

function OpenDocument({ paper: { id, title, kind, text }, roomKey, closeTo }: OpenDocumentProps) {
  const room = roomOfDocument(id, roomKey)
  usePresence(room, { data: {} })
  return (
    <Cursors room={room} className="card document" data-testid="board">
      <article aria-labelledby="document-title">
        <p className="document-kind">
          <span className="tag">{kind}</span>
          <a className="quiet-link" href={closeTo} onClick={turnsPage} data-testid="close-document">
            Close
          </a>
        </p>
        <h3 id="document-title">{title}</h3>
        {text.map((paragraph) => (
          <p key={paragraph}>{paragraph}</p>
        ))}
      </article>
    </Cursors>
  )
}
