import { openWebSocket } from '#web-socket'

/*
 * Engine.IO 4, as much of it as a client needs: packets, each a digit and a text, over a WebSocket, or over long polling
 * where opening one fails. A network that swallows it without a word never gets there: a WebSocket is tried again each time.
 * https://socket.io/docs/v4/engine-io-protocol
 */

/** What an engine tells. Nothing is called after `onEnd`. */
export interface EngineEvents {
  onOpen(): void
  /** Any packet came. Called before `onText`. */
  onPacket(): void
  onText(text: string): void
  /** With the reason, where there is one. */
  onEnd(error?: Error): void
}

/** A connection. */
export interface Engine {
  /** Sends a text. Before `onOpen` and after `onEnd` it does nothing. */
  send(text: string): void
  /** Ends it after what was sent; calls `onEnd` unless it has been called. */
  close(): void
}

interface Transport {
  send(packet: string): void
  close(): void
}

/** What the server says first. */
interface Session {
  readonly sid: string
  readonly pingInterval: number
  readonly pingTimeout: number
  readonly maxPayload: number
}

const separator = '\x1e'
// What is said last has this long to arrive: a request that nobody answers would keep a program of Node's from ending.
const goodbyeMs = 5_000
// A request outlives the page that goes, also the one that waits: were that one to end first, the server would not hear the
// goodbye. All of them together may have 64 KiB (Fetch, section 4.6), and a character has at most three bytes.
const keptMax = 20_000

/** Connects to the server at `url`; `socket.io` comes after its path. */
export function openEngine(url: URL, events: EngineEvents): Engine {
  const origin = url.origin.replace(/^ws/, 'http')
  const address = `${origin}${url.pathname.replace(/\/$/, '')}/socket.io/?EIO=4&transport=`
  let transport: Transport
  let session: Session | null = null
  let isOver = false
  let silence: ReturnType<typeof setTimeout> | undefined
  let aliveUntilMs = 0

  const end = (error?: Error) => {
    if (isOver) return
    isOver = true
    clearTimeout(silence)
    globalThis.removeEventListener?.('offline', lose)
    transport.close()
    events.onEnd(error)
  }
  const lose = () => end()
  const stayAlive = ({ pingInterval, pingTimeout }: Session) => {
    clearTimeout(silence)
    silence = setTimeout(lose, pingInterval + pingTimeout)
    aliveUntilMs = Date.now() + pingInterval + pingTimeout
  }
  const receive = (packet: string) => {
    if (isOver) return
    events.onPacket()
    const type = packet[0]
    const text = packet.slice(1)
    if (!session) {
      session = type === '0' ? (parseJson(text) as Session | null) : null
      if (!session) return end(new Error('what answers speaks no Socket.IO'))
      stayAlive(session)
      events.onOpen()
    } else if (type === '2') {
      stayAlive(session)
      transport.send(`3${text}`)
    } else if (type === '1') end()
    // What is no packet is no text either. A noop says that there is nothing to say.
    else if (type !== '6') events.onText(type === '4' ? text : '')
  }

  const overPolling = (): Transport => {
    const stopping = new AbortController()
    const waiting: string[] = []
    let posting = Promise.resolve()
    const request = async (body = ''): Promise<string> => {
      const response = await fetch(`${address}polling${session ? `&sid=${session.sid}` : ''}`, {
        ...(body && { method: 'POST', body }),
        keepalive: body.length < keptMax,
        cache: 'no-store',
        signal: stopping.signal,
      })
      const answer = await response.text()
      if (response.ok) return answer
      throw new Error(parseJson(answer)?.message ?? `HTTP status ${response.status}`)
    }
    const poll = async () => {
      while (!isOver) for (const packet of (await request()).split(separator)) receive(packet)
    }
    /** Sends as much as the server takes at once, and at least one packet. */
    const post = async () => {
      let bytes = 0
      const rest = waiting.findIndex((packet, index) => {
        bytes += packet.length * 3 + 1
        return index > 0 && bytes > Number(session?.maxPayload)
      })
      const body = waiting.splice(0, rest < 0 ? waiting.length : rest).join(separator)
      if (body) await request(body)
    }
    poll().catch(end)
    return {
      // What is sent in the same tick goes together, and never two requests at a time.
      send: (packet) => {
        waiting.push(packet)
        posting = posting.then(post).catch(end)
      },
      close: () => {
        const stop = () => {
          clearTimeout(timer)
          stopping.abort()
        }
        const timer = setTimeout(stop, goodbyeMs)
        void posting.then(stop)
      },
    }
  }

  // It hears of a lost network long before the silence tells; what is on this machine is not lost with it.
  if (url.hostname !== 'localhost') globalThis.addEventListener?.('offline', lose)
  try {
    const socket = openWebSocket(`${address.replace('http', 'ws')}websocket`)
    const overWebSocket: Transport = {
      send: (packet) => socket.send(packet),
      close: () => socket.close(),
    }
    transport = overWebSocket
    socket.onmessage = ({ data }) => receive(typeof data === 'string' ? data : '')
    socket.onclose = socket.onerror = () => {
      if (transport !== overWebSocket) return
      if (session) end()
      else transport = overPolling()
    }
  } catch {
    // A page may be forbidden to open one.
    transport = overPolling()
  }
  return {
    send: (text) => {
      if (!session || isOver) return
      // A machine that slept finds out before its timers do. Later, since whoever sends expects no end within the call.
      if (Date.now() > aliveUntilMs) queueMicrotask(lose)
      else transport.send(`4${text}`)
    },
    close: lose,
  }
}

/** What JSON holds; null for what is none. */
export function parseJson(text: string): { readonly message?: string; readonly data?: unknown } | null {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
