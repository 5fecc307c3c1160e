import { Socket as Engine } from 'engine.io-client'
import { parseWireError, PresenceError, type Channel, type Message } from '@app/protocol'
import type { AttemptEvents, Connect } from './connection.ts'

/**
 * The only file that knows Socket.IO: one engine per attempt, and of Socket.IO's protocol the five packets that we use, each
 * a digit and JSON. What socket.io-client does besides (reconnecting, buffering, acks) we would turn off, and everybody
 * would download it.
 */
export function connectBySocketIo(address: () => URL): Connect {
  return (handshake, events) => {
    const url = address()
    const engine = new Engine(url.origin, {
      path: `${url.pathname.replace(/\/$/, '')}/socket.io/`,
      transports: ['websocket', 'polling'],
      tryAllTransports: true,
    })
    return channelOf(engine, JSON.stringify(handshake), events, url)
  }
}

function channelOf(engine: Engine, auth: string, events: AttemptEvents, url: URL): Channel {
  let isConnected = false
  let isOver = false
  let silenceMaxMs = 0
  let aliveUntilMs = 0
  const stayAlive = () => (aliveUntilMs = Date.now() + silenceMaxMs)
  const end = (error?: PresenceError) => {
    if (isOver) return
    isOver = true
    engine.close()
    if (error) events.onRefused(error)
    else events.onClose()
  }
  const receive = (packet: string) => {
    const content = contentOf(packet)
    if (packet[0] === '2' && Array.isArray(content)) events.onMessage(content as unknown as Message)
    else if (packet[0] === '0') isConnected = true
    else if (packet[0] === '4' && content) end(content.data ? parseWireError(content.data) : unreachable(url, content))
    else if (packet[0] === '1') end()
    else end(new PresenceError('bad-message', 'The server sent what is no event.', { canRetry: true }))
  }
  engine.on('handshake', ({ pingInterval, pingTimeout }) => {
    silenceMaxMs = pingInterval + pingTimeout
    stayAlive()
  })
  engine.on('open', () => engine.send(`0${auth}`))
  engine.on('packet', ({ type }) => {
    if (type === 'ping') stayAlive()
    if (!isOver) events.onPacket()
  })
  engine.on('data', (packet) => {
    // Whatever is no text is no packet either.
    if (!isOver) receive(String(packet))
  })
  engine.on('error', (error) => {
    // Once connected, an end is an end, whatever the socket says of it.
    end(isConnected ? undefined : unreachable(url, error as Error))
  })
  engine.on('close', () => end())
  return {
    send: (message) => {
      if (!isConnected || isOver) return
      // A machine that slept finds out before its timers do. Later, since whoever sends expects no end within the call.
      if (Date.now() > aliveUntilMs) queueMicrotask(end)
      else engine.send(`2${JSON.stringify(message)}`)
    },
    close: () => {
      if (isConnected && !isOver) engine.send('1')
      end()
    },
  }
}

/** What follows the digit, if it is JSON that holds anything. */
function contentOf(packet: string): { readonly message: string; readonly data?: unknown } | null {
  try {
    return JSON.parse(packet.slice(1))
  } catch {
    return null
  }
}

function unreachable(url: URL, cause: { readonly message: string }): PresenceError {
  return new PresenceError(
    'connection-failed',
    `No presence server answers at ${url.origin}: ${cause.message}. It is tried again.`,
    { canRetry: true, cause },
  )
}
