import { maskedFrame, type HostileCase, type HostileFrame, type HostileLot, type HostilePiece } from '@app/testkit'
import { greetRaw, introduction, openRaw, textFrame, upgradeRequest, webSocketPath } from './raw-socket.ts'
import type { RawSocket } from './raw-socket.ts'
import type { Served } from './served.ts'

type Of<Way extends HostileCase['way']> = Extract<HostileCase, { way: Way }>

// Few enough that cases come upon what others left behind.
const sessionsPerLot = 10

/** Tries all cases of a lot at once on one server; throws when it answers or behaves as it must not. */
export async function attack(server: Served, { commands }: Pick<HostileLot, 'commands'>): Promise<void> {
  const { port } = server
  const says = commands.filter((each): each is Of<'say'> => each.way === 'say')
  const sessions = Array.from({ length: Math.min(sessionsPerLot, says.length) }, (_, at) =>
    talk(
      port,
      says.filter((_each, index) => index % sessionsPerLot === at),
    ),
  )
  const others = commands.filter((each): each is Exclude<HostileCase, Of<'say'>> => each.way !== 'say')
  const sockets = await Promise.all([...sessions, ...others.map((each) => begin(port, each))])
  // Once it has answered this, it has seen what came before.
  await askHealth(port)
  for (const { tcp } of sockets) tcp.end()
  await Promise.all(
    sockets.map(async (socket) => {
      await socket.hears(neverSaid)
      judge(socket)
    }),
  )
  const { errors, isPolluted } = await server.look()
  if (errors.length > 0) throw new Error(`The server logged an error: ${errors.join('\n')}`)
  if (isPolluted) throw new Error('A prototype that all objects share has grown.')
}

// To wait for the end only.
const neverSaid = 'HTTP/1.1 200 A hostile connection has won\r\n'

/** What came must not say that the server failed. */
function judge({ got }: RawSocket): void {
  const failure = /"code":"internal"|HTTP\/1\.1 5\d\d/.exec(got)
  if (!failure) return
  throw new Error(`The server says that it failed: ${got.slice(Math.max(0, failure.index - 200), failure.index + 300)}`)
}

let lastQuestion = 1_000_000_000

/** Cases one after another on one session, or on the next when the server ends it: after each it answers, or has ended it. */
async function talk(port: number, cases: readonly Of<'say'>[]): Promise<RawSocket> {
  let session = await greet(port)
  for (const { frames } of cases) {
    if (session.isOver) session = await greet(port)
    const question = ++lastQuestion
    write(session, [...frames.map(frameBytes), textFrame(`42${question}["t",1]`)])
    await session.hears(`43${question}[`)
    judge(session)
    session.forget()
  }
  return session
}

function begin(port: number, each: Exclude<HostileCase, Of<'say'>>): RawSocket | Promise<RawSocket> {
  switch (each.way) {
    case 'break off':
      return breakOff(port, each)
    case 'upgrade':
      return write(openRaw(port), [Buffer.from(each.head, 'latin1'), ...each.frames.map(frameBytes)])
    case 'request':
      return write(openRaw(port), [bytesOf(each.pieces)])
    case 'poll':
      return poll(port, each)
  }
}

const greet = (port: number): Promise<RawSocket> => greetRaw(port, { token: 'good', user: { id: 'eve' } })

async function breakOff(port: number, { isLetIn, frames }: Of<'break off'>): Promise<RawSocket> {
  const socket = isLetIn ? await greet(port) : write(openRaw(port), [Buffer.from(upgradeRequest(webSocketPath))])
  return write(socket, frames.map(frameBytes))
}

async function poll(port: number, { query, bodies }: Of<'poll'>): Promise<RawSocket> {
  const socket = openRaw(port)
  const path = '/socket.io/?EIO=4&transport=polling'
  write(socket, [Buffer.from(`GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`)])
  await socket.hears('"sid"')
  const sid = /"sid":"([^"]+)"/.exec(socket.got)?.[1]
  const post = (body: Buffer): Buffer[] => [
    Buffer.from(
      `POST ${path}&sid=${sid}${query} HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${body.length}\r\n\r\n`,
    ),
    body,
  ]
  const posts = [Buffer.from(introduction({ token: 'good' })), ...bodies.map(bytesOf)].flatMap(post)
  // The answer to the last is not waited for: who asked for it is gone before.
  return write(socket, [...posts, Buffer.from(`GET ${path}&sid=${sid} HTTP/1.1\r\nHost: localhost\r\n\r\n`.repeat(3))])
}

async function askHealth(port: number): Promise<void> {
  const socket = openRaw(port)
  socket.tcp.write('GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n')
  if (!(await socket.hears('"ok"'))) throw new Error('The server does not say that it is well.')
}

function write(socket: RawSocket, parts: readonly Uint8Array[]): RawSocket {
  if (socket.tcp.writable) socket.tcp.write(Buffer.concat(parts))
  return socket
}

function frameBytes({ pieces, isRaw = false, ...shape }: HostileFrame): Uint8Array {
  return isRaw ? bytesOf(pieces) : maskedFrame(bytesOf(pieces), shape)
}

function bytesOf(pieces: readonly HostilePiece[]): Buffer {
  const bytes = (piece: HostilePiece): Buffer =>
    typeof piece === 'string'
      ? Buffer.from(piece, 'latin1')
      : Buffer.alloc(piece.over.length * piece.times, piece.over, 'latin1')
  return Buffer.concat(pieces.map(bytes))
}
