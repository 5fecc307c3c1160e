import { usePresence } from '@app/react'
import { Avatar } from './Avatar.tsx'

const facesMax = 5

/** Who is in a room, as a row of faces. */
export function Faces({ room }: { readonly room: string }) {
  const { users } = usePresence(room)
  const rest = users.length - facesMax
  return (
    <ul className="faces" aria-label="Who is here" data-testid="faces">
      {users.slice(0, facesMax).map(({ userId, user, clientIds }) => (
        <li key={userId} data-user-id={userId}>
          <Avatar user={user} clientId={clientIds[0]} />
          <span className="visually-hidden">{user?.name ?? 'A guest'}</span>
        </li>
      ))}
      {rest > 0 && <li className="faces-more">+{rest}</li>}
    </ul>
  )
}
