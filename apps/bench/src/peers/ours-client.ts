import { randomBytes, randomInt } from 'node:crypto'
import type { ConnectOptions, Decode, LightClient, Peer } from './peer.ts'
import { connectSocketIo } from './socket-io-frames.ts'
import { tokenSecret } from './token-secret.ts'

// As long as real ids are, and different in every run.
const firstId = 2 ** 52 + randomInt(2 ** 40)
const secret = randomBytes(16).toString('hex')
// What `track` uses unless it is told otherwise.
const ttlMs = 30_000
// A client counts its puts for as long as it lives, over its connections.
const puts = new Map<number, number>()

/** Speaks packages/protocol/PROTOCOL.md. */
export const ours: Peer = { connect: (options) => connect(options, {}), createDecoder }

/** The same, each of them a user of its own with a token for the rooms of the bench. */
export const oursAuth: Peer = {
  async connect(options) {
    // Loaded on demand: only here does a generator need anything of a server.
    const { createToken } = await import('@app/server')
    const token = await createToken(
      { user: { id: `user-${options.index}` }, rooms: ['pr:room-*'], tenant: 'bench', ttlMs: 3_600_000 },
      tokenSecret,
    )
    return connect(options, { token })
  },
  createDecoder,
}

function connect(
  { port, room, index, listens, onFrame, onClose }: ConnectOptions,
  credentials: { readonly token?: string },
): Promise<LightClient> {
  return new Promise<LightClient>((resolve, reject) => {
    const clientId = firstId + index
    let windowMs = 0
    let roomNumber = 0
    let n = puts.get(index) ?? 0
    connectSocketIo({
      port,
      auth: { v: 1, clientId, secret, ...credentials },
      onFrame(frame) {
        const drain = drainMs(frame)
        if (drain !== undefined) windowMs = drain
        onFrame(frame)
      },
      onClose,
      onError: reject,
      onEvent(text, connection) {
        const event = text()
        if (event.startsWith('2["hello"')) {
          ;[, { windowMs }] = JSON.parse(event.slice(1)) as [string, { windowMs: number }]
          return connection.send(`42["enter","${room}"]`)
        }
        const snapshot = /^2\["s","[^"]+",(\d+)/.exec(event)
        if (!snapshot) return
        roomNumber = Number(snapshot[1])
        if (!listens) connection.send(`42["exit","${room}"]`)
        connection.settled()
        resolve({
          name: clientId,
          put(x, y, note) {
            puts.set(index, ++n)
            const more = note === undefined ? '' : `,"note":"${note}"`
            connection.send(`42["p",[[${roomNumber},${n},${ttlMs},1,{"x":${x},"y":${y}${more}}]]]`)
          },
          freeze: () => connection.freeze(),
          close() {
            // Otherwise what it has put is kept for a while, since it may come back.
            connection.send('42["bye"]')
            connection.close()
          },
          get windowMs() {
            return windowMs
          },
        })
      },
    })
  })
}

function createDecoder(): Decode {
  const clientIds = new Map<number, number>()
  return (frame, see) => {
    if (frame[1] !== 0x32) return
    const [event, ...args] = JSON.parse(frame.toString('utf8', 2)) as [string, ...unknown[]]
    const enter = (rows: EntryRow[]): void => {
      for (const [slot, clientId, , data] of rows) {
        clientIds.set(slot, clientId)
        see(clientId, data.x)
      }
    }
    if (event === 's') return enter(args[4] as EntryRow[])
    if (event !== 'd') return
    enter((args[5] ?? []) as EntryRow[])
    const move = (slot: number, x: number): void => {
      const clientId = clientIds.get(slot)
      if (clientId !== undefined) see(clientId, x)
    }
    for (const row of (args[3] ?? []) as (UpdateRow | MoveGroup)[]) {
      if (isGroup(row)) eachMove(row, move)
      else move(row[0], row[2].x)
    }
  }
}

type EntryRow = [slot: number, clientId: number, n: number, data: { x: number }]
type UpdateRow = [slot: number, n: number, data: { x: number }]
type MoveGroup = [keys: string[], ...cells: number[]]

const isGroup = (row: UpdateRow | MoveGroup): row is MoveGroup => Array.isArray(row[0])

/** The moves that share their keys: slot, step and values of one after the other. */
function eachMove([keys, ...cells]: MoveGroup, move: (slot: number, x: number) => void): void {
  const at = keys.indexOf('x')
  const width = keys.length + 2
  for (let i = 0; at >= 0 && i < cells.length; i += width) move(cells[i] ?? 0, cells[i + 2 + at] ?? 0)
}

const drainText = '42["drain",'

/** Looks at one byte of almost every frame. */
function drainMs(frame: Buffer): number | undefined {
  if (frame[4] !== 0x64 || frame[5] !== 0x72) return undefined
  const text = frame.toString('utf8')
  return text.startsWith(drainText) ? Number.parseInt(text.slice(drainText.length), 10) : undefined
}
