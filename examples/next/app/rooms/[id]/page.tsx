// A server component. What it imports of @app/react it may render, or call where it is no hook.
import { TypingIndicator, userColor } from '@app/react'
import { presence } from '../../../presence.ts'
import { Presence } from '../../Presence.tsx'
import { Room } from './Room.tsx'

// Who is there is asked at every request, never taken from a cache.
export const dynamic = 'force-dynamic'

interface PageProps {
  readonly params: Promise<{ readonly id: string }>
}

// Who is logged in. Ask your own sessions here, and give the provider a token; see examples/tokens/next.ts.
const user = { id: 'ada', name: 'Ada' }

export default async function Page({ params }: PageProps) {
  const room = `pr:room-${(await params).id}` as const
  const { server, url } = await presence()
  return (
    <Presence url={url} user={user} initial={{ [room]: server.snapshot(room) }}>
      <p style={{ color: userColor(user).color }}>You are {user.name}</p>
      <Room room={room} />
      <TypingIndicator room={room} />
    </Presence>
  )
}
