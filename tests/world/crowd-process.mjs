// Some clients in a process of their own, which can be stopped, killed, and given a wrong clock. It runs from dist: build
// first. Its parent tells it what they do, and hears what they see, and when, by the clock that all processes share.
import { shiftDate } from './wrong-date.mjs'

const { shiftMs, hearsUpdates } = JSON.parse(process.argv[2])

shiftDate(shiftMs)
const { createPresenceClient } = await import('@app/client')

/** @type {{ client: any, tracks: Map<string, any>, stops: (() => void)[] }[]} */
const people = []
let unsent = []
const tell = (index, ...what) => {
  if (unsent.length === 0) setImmediate(send)
  unsent.push([Number(process.hrtime.bigint()) / 1e6, index, ...what])
}
const send = () => {
  const events = unsent
  unsent = []
  process.send?.({ events })
}

const commands = {
  come(index, { url, user }) {
    const client = createPresenceClient({ url, ...(user === undefined ? {} : { user: { id: user } }) })
    people[index] = { client, tracks: new Map() }
    tell(index, 'is', client.clientId)
    client.onStatus((status) => tell(index, 'status', status))
    client.onError((error) => tell(index, 'error', error.code, error.message))
  },
  listen(index, { room }) {
    const handle = people[index].client.presence(room)
    handle.onStatus((status) => tell(index, 'room', room, status))
    handle.onChange((_, { joined, updated, left }) => {
      const heard = [...joined, ...(hearsUpdates ? updated : [])].map(({ clientId, data }) => [clientId, data])
      if (heard.length > 0 || left.length > 0)
        tell(
          index,
          'change',
          room,
          heard,
          left.map(({ clientId, reason }) => [clientId, reason]),
        )
    })
  },
  track(index, { room, data, ttlMs }) {
    const { client, tracks } = people[index]
    tracks.set(room, client.presence(room).track(data, { ttlMs }))
  },
  update(index, { room, data }) {
    people[index].tracks.get(room).update(data)
  },
  stop(index, { room }) {
    people[index].tracks.get(room).stop()
  },
  heartbeat(index, { room, data, ttlMs }) {
    people[index].client.presence(room).heartbeat(data, ttlMs)
  },
  leave(index, { room }) {
    people[index].client.presence(room).leave()
  },
  close(index) {
    people[index].client.close()
  },
  /** The server's clock, as this client believes it to be. */
  now(index) {
    tell(index, 'now', people[index].client.now())
  },
  /** The entries of a room, with their deadlines. */
  look(index, { room }) {
    const entries = [...people[index].client.presence(room).value().values()]
    tell(
      index,
      'entries',
      room,
      entries.map(({ clientId, data, expiresAtMs }) => ({ clientId, data, expiresAtMs })),
    )
  },
  /** The clock of the whole process jumps. */
  shift(_, { ms }) {
    shiftDate(ms)
  },
}

process.on('message', ([name, index, options]) => commands[name](index, options))
process.on('disconnect', () => process.exit())
process.send({ events: [] })
