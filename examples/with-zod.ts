// A room typed and checked by a Zod schema. Valibot and ArkType work the same way.
// Run `npm start`, then in another terminal: node examples/dist/with-zod.js
import { createPresenceClient, PresenceError } from '@app/client'
import { z } from 'zod'

const Brush = z.object({
  color: z.enum(['red', 'green', 'blue']),
  size: z.number().positive().default(4),
})

const client = createPresenceClient({ url: process.env.PRESENCE_URL ?? 'http://localhost:4400' })
const brushes = client.presence('pr:atelier/brushes', Brush)

// What is put is the schema's input, what is read is its output: `size` may be left out here …
brushes.heartbeat({ color: 'red' }, 30_000)

// … and is there when it is read, here and at everyone else's.
const mine = brushes.value().get(client.clientId)
console.log(mine?.data.color, mine?.data.size)

try {
  brushes.heartbeat({ color: 'red', size: -1 }, 30_000)
} catch (error) {
  if (!(error instanceof PresenceError)) throw error
  console.log(error.code, error.message)
}

await client.waitForConnected(5_000)
client.close()
