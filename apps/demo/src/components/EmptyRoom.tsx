import { invitation } from '../visit.ts'

/** Nobody else is here: presence wants two. */
export function EmptyRoom({ room, name }: { readonly room: string; readonly name: string }) {
  return (
    <div className="empty" data-testid="empty-room">
      <p>
        <strong>Nobody else is here yet.</strong> You are {name}.
      </p>
      {/* Without an opener the new tab has a storage of its own, and so a name of its own. */}
      <a className="button primary" href={invitation(location.href, room)} target="_blank" rel="noopener">
        Open this page in a second tab
      </a>
      <a className="quiet-link" href={invitation(location.href, room, name)} target="_blank" rel="noopener">
        or once more as {name}
      </a>
    </div>
  )
}
