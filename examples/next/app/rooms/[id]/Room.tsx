'use client'
import { usePresence, useTyping } from '@app/react'

export function Room({ room }: { readonly room: `pr:room-${string}` }) {
  const { users, count, update } = usePresence(room, { data: { mood: 'curious' } })
  const { inputProps } = useTyping(room)
  return (
    <>
      <h1>{count} here</h1>
      <ul>
        {users.map(({ userId, user, entries }) => (
          <li key={userId}>
            {user?.name} is {entries[0]?.data.mood}
          </li>
        ))}
      </ul>
      <button onClick={() => update({ mood: 'happy' })}>Cheer up</button>
      <textarea {...inputProps} aria-label="Message" />
    </>
  )
}
