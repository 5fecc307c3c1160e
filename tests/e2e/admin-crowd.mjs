// Clients in a process of their own, for the admin page to show: `url people rooms`. They say one line once all are there, and
// go on moving until they are ended. It runs from dist: build first.
import { createPresenceClient } from '@app/client'

const [, , url, people, rooms] = process.argv

const names = [
  ...[
    'Ada Lovelace',
    'Grace Hopper',
    'Alan Turing',
    'Edsger Dijkstra',
    'Barbara Liskov',
    'Donald Knuth',
    'Radia Perlman',
  ],
  ...[
    'Ken Thompson',
    'Frances Allen',
    'Niklaus Wirth',
    'Margaret Hamilton',
    'Tony Hoare',
    'Lynn Conway',
    'John McCarthy',
  ],
  ...['Karen Spärck Jones', 'Dennis Ritchie', 'Adele Goldberg', 'Leslie Lamport', 'Anita Borg', 'Robin Milner'],
]
const places = ['board', 'docs/roadmap', 'docs/brief', 'chat', 'review']
const teams = ['design', 'engineering', 'research', 'support']
const keys = Array.from({ length: Number(rooms) }, (_, at) => {
  const round = Math.floor(at / (places.length * teams.length))
  return `pr:${teams[at % teams.length]}/${places[Math.floor(at / teams.length) % places.length]}${round === 0 ? '' : `-${round}`}`
})
/** Who is in one room are different people. */
const nameOf = (at) => {
  const inRoom = Math.floor(at / keys.length)
  const spread = inRoom + (at % keys.length) * 3
  return [names[spread % names.length], Math.floor(at / names.length)]
}
const statuses = ['active', 'active', 'idle', 'away']

const crowd = Array.from({ length: Number(people) }, (_, at) => {
  const [name, round] = nameOf(at)
  const id = `${name.split(' ')[0].toLowerCase()}${round === 0 ? '' : `-${round}`}`
  const client = createPresenceClient({ url, user: { id, name: round === 0 ? name : `${name} ${round + 1}` } })
  const key = keys[at % keys.length]
  const dataAt = (turn) => ({
    status: statuses[(Math.floor(at / keys.length) + turn) % statuses.length],
    ...(at % 13 === 4 && {
      selection: Array.from({ length: 12 }, (_, i) => `shape-${at}-${i}`),
      viewport: { x: turn * 10, y: at, zoom: 1.25 },
      tool: 'pencil',
    }),
  })
  const room = client.presence(key)
  // One in seven comes by a heartbeat, which nobody renews.
  const track = at % 7 === 6 ? undefined : room.track(dataAt(0))
  if (!track) room.heartbeat({ note: 'back in a while' }, 600_000)
  const cursor = at % 3 === 0 ? client.presence(`${key}/cursors`).track({ x: 0.5, y: 0.5 }) : undefined
  const typing = at % 11 === 0 ? client.presence(`${key}/typing`).track(true) : undefined
  return { room, track, dataAt, cursor, typing, at }
})

let turn = 0
setInterval(() => {
  turn++
  for (const { track, dataAt, cursor, at } of crowd) {
    if ((at + turn) % 5 === 0) track?.update(dataAt(turn))
    cursor?.update({ x: Math.abs(Math.sin(turn / 7 + at)), y: Math.abs(Math.cos(turn / 5 + at)) })
  }
}, 1_000)

const waiting = setInterval(() => {
  if (crowd.some(({ room }) => room.status !== 'live')) return
  clearInterval(waiting)
  console.log('all are there')
}, 50)
