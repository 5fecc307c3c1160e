// Two clients in one script, and what one sees of the other. It ends by itself.
// Run `npm start`, then in another terminal: node examples/dist/who-is-there.js
import { createPresenceClient, type PresenceEntries } from '@app/client'

const url = process.env.PRESENCE_URL ?? 'http://localhost:4400'
const ada = createPresenceClient({ url, user: { id: 'ada', name: 'Ada' } })
const grace = createPresenceClient({ url, user: { id: 'grace', name: 'Grace' } })

const room = grace.presence('pr:atelier')

room.onChange((entries, { joined, left }) => {
  for (const { user, data } of joined) console.log(`${user?.name} came with`, data)
  for (const { entry, reason } of left) console.log(`${entry.user?.name} went (${reason})`)
  console.log(`Here: ${names(entries)}`)

  if (entries.has(ada.clientId)) ada.close()
  if (left.some(({ clientId }) => clientId === ada.clientId)) grace.close()
})

// Grace only listens. Ada is here for 30 s, unless she says so again or leaves before; close() leaves.
await grace.waitForConnected(5_000)
ada.presence('pr:atelier').heartbeat({ status: 'drawing' }, 30_000)

function names(entries: PresenceEntries): string {
  return [...entries.values()].map(({ user }) => user?.name ?? 'a guest').join(', ') || 'nobody'
}
