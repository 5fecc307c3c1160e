// A room typed and checked by an Effect schema: only the import of createPresenceClient is another one.
// Run `npm start`, then in another terminal: node examples/dist/with-effect.js
import { createPresenceClient } from '@app/client/effect'
import { Schema } from 'effect'

const Cursor = Schema.Struct({ x: Schema.Number, y: Schema.Number })

const url = process.env.PRESENCE_URL ?? 'http://localhost:4400'
const [ada, grace] = [createPresenceClient({ url }), createPresenceClient({ url })]

const cursors = grace.presence('pr:cursors', Cursor)
cursors.onChange((_entries, { joined, updated, left }) => {
  for (const { data } of [...joined, ...updated]) console.log(`Ada is at ${data.x}, ${data.y}`)
  if (left.length === 0) return ada.presence('pr:cursors').leave()
  console.log(`Ada has ${left[0]?.reason}`)
  ada.close()
  grace.close()
})

await grace.waitForConnected(5_000)
ada.presence('pr:cursors', Cursor).heartbeat({ x: 120, y: 340 }, 5_000)
