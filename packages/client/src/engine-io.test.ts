import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { openEngine, type Engine } from './engine-io.ts'
import { openWebSocket } from './web-socket-node.ts'

// `#web-socket`, as it is in Node.
vi.mock('./web-socket-node.ts', () => ({ openWebSocket: vi.fn<typeof openWebSocket>() }))

/** A WebSocket whose other end is a test. */
class Socket {
  static last: Socket
  readonly sent: string[] = []
  isClosed = false
  onmessage = (_event: { data: unknown }): void => {}
  onclose = (): void => {}
  onerror = (): void => {}
  readonly url: string

  constructor(url: string) {
    this.url = url
    Socket.last = this
  }

  send(packet: string): void {
    this.sent.push(packet)
  }

  close(): void {
    this.isClosed = true
  }

  receive(data: unknown): void {
    this.onmessage({ data })
  }
}

interface Request {
  readonly url: string
  readonly method: string
  readonly body: string | undefined
  readonly keepalive: boolean
  readonly signal: AbortSignal
  answer(text: string, status?: number): Promise<void>
  fail(error: Error): Promise<void>
}

/** Those that wait for an answer, the oldest first. */
let requests: Request[] = []

/** Lets promises go as far as they can. */
const settle = async (): Promise<void> => void (await vi.advanceTimersByTimeAsync(0))

function fetchByHand(url: string, { method = 'GET', body, keepalive = false, signal }: RequestInit) {
  return new Promise<Response>((resolve, reject) => {
    const end = (how: () => void) => {
      requests = requests.filter((its) => its !== request)
      how()
      return settle()
    }
    const request: Request = {
      ...{ url, method, keepalive, body: body as string | undefined, signal: signal as AbortSignal },
      answer: (text, status = 200) => end(() => resolve(new Response(text, { status }))),
      fail: (error) => end(() => reject(error)),
    }
    signal?.addEventListener('abort', () => void end(() => reject(signal.reason as Error)))
    requests.push(request)
  })
}

const page = new EventTarget()
const engines: Engine[] = []

beforeEach(() => {
  requests = []
  vi.useFakeTimers()
  vi.mocked(openWebSocket).mockImplementation((url) => new Socket(url) as unknown as WebSocket)
  vi.stubGlobal('fetch', vi.fn(fetchByHand))
  vi.stubGlobal('addEventListener', vi.fn<EventTarget['addEventListener']>(page.addEventListener.bind(page)))
  vi.stubGlobal('removeEventListener', vi.fn<EventTarget['removeEventListener']>(page.removeEventListener.bind(page)))
})

afterEach(async () => {
  for (const engine of engines.splice(0)) engine.close()
  await settle()
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

const session = { sid: 'abc', upgrades: [], pingInterval: 10_000, pingTimeout: 8_000, maxPayload: 1_000 }
const hello = `0${JSON.stringify(session)}`

function open(url = 'https://a.example/under/') {
  const told: string[] = []
  const engine = openEngine(new URL(url), {
    onOpen: () => told.push('open'),
    onPacket: () => told.push('packet'),
    onText: (text) => told.push(`text ${text}`),
    onEnd: (error) => told.push(error ? `end: ${error.message}` : 'end'),
  })
  engines.push(engine)
  return { engine, told, socket: Socket.last }
}

/** Where no WebSocket can be opened. */
async function openPolling(url?: string) {
  const opened = open(url)
  opened.socket.onerror()
  opened.socket.onclose()
  await requests[0]?.answer(hello)
  opened.told.length = 0
  return opened
}

const posts = () => requests.filter(({ method }) => method === 'POST')
const polls = () => requests.filter(({ method }) => method === 'GET')

test.each([
  ['https://a.example/under/', 'wss://a.example/under/socket.io/', 'https://a.example/under/socket.io/'],
  ['http://a.example:4400', 'ws://a.example:4400/socket.io/', 'http://a.example:4400/socket.io/'],
  ['wss://a.example', 'wss://a.example/socket.io/', 'https://a.example/socket.io/'],
  ['ws://[::1]:4400/', 'ws://[::1]:4400/socket.io/', 'http://[::1]:4400/socket.io/'],
])('the server at %s is asked at %s, and at %s', async (url, socketUrl, pollingUrl) => {
  const { socket } = open(url)
  expect(socket.url).toBe(`${socketUrl}?EIO=4&transport=websocket`)
  socket.onerror()
  expect(requests[0]?.url).toBe(`${pollingUrl}?EIO=4&transport=polling`)
  await requests[0]?.answer(hello)
  expect(requests[0]?.url).toBe(`${pollingUrl}?EIO=4&transport=polling&sid=abc`)
})

test('[L2] it opens with the first packet, answers pings, passes texts on, and tells of every packet', () => {
  const { engine, told, socket } = open()
  engine.send('too early')
  for (const packet of [hello, '2', '42["d"]', '6', '4']) socket.receive(packet)
  engine.send('2["bye"]')
  expect(told).toEqual(['packet', 'open', 'packet', 'packet', 'text 2["d"]', 'packet', 'packet', 'text '])
  expect(socket.sent).toEqual(['3', '42["bye"]'])
})

test('[L5] a server whose pings stay away for as long as it said is lost; other packets are no pings', () => {
  const { told, socket } = open()
  socket.receive(hello)
  vi.advanceTimersByTime(17_999)
  socket.receive('2')
  vi.advanceTimersByTime(17_999)
  socket.receive('4')
  expect(told).not.toContain('end')
  vi.advanceTimersByTime(1)
  expect(told.at(-1)).toBe('end')
  expect(socket.isClosed).toBe(true)
})

test('[C1] a machine that slept knows with what it sends that the connection is dead, before its timers do', async () => {
  const { engine, told, socket } = open()
  socket.receive(hello)
  vi.setSystemTime(Date.now() + 18_001)
  engine.send('x')
  expect(told.at(-1)).toBe('open')
  await settle()
  expect(told.at(-1)).toBe('end')
  expect(socket.sent).toEqual([])
})

test('[L5] a network that the page knows to be lost ends it, unless the server is on the same machine', () => {
  const far = open()
  const near = open('http://localhost:4400')
  page.dispatchEvent(new Event('offline'))
  expect(far.told).toEqual(['end'])
  expect(near.told).toEqual([])
  expect(removeEventListener).toHaveBeenCalledWith('offline', vi.mocked(addEventListener).mock.calls[0]?.[1])
})

test.each([
  ["the server's close packet", (socket: Socket) => socket.receive('1')],
  ['a close', (socket: Socket) => socket.onclose()],
  ['an error', (socket: Socket) => socket.onerror()],
])('%s ends an open WebSocket, once, and nothing is heard or sent after it', (_, end) => {
  const { engine, told, socket } = open()
  socket.receive(hello)
  end(socket)
  socket.receive('4x')
  socket.onclose()
  engine.send('x')
  engine.close()
  page.dispatchEvent(new Event('offline'))
  vi.advanceTimersByTime(60_000)
  expect(told.filter((what) => what !== 'packet')).toEqual(['open', 'end'])
  expect(socket.sent).toEqual([])
  expect(socket.isClosed).toBe(true)
  expect(requests).toEqual([])
  expect(vi.getTimerCount()).toBe(0)
})

test.each([
  ['cannot be opened', (socket: Socket) => socket.onerror()],
  ['is closed before it says anything', (socket: Socket) => socket.onclose()],
])('where a WebSocket %s, it polls', async (_, fail) => {
  const { told, socket } = open()
  fail(socket)
  await requests[0]?.answer(hello)
  // A late echo.
  socket.onclose()
  await requests[0]?.answer('2\u{1e}4x')
  expect(told).toEqual(['packet', 'open', 'packet', 'packet', 'text x'])
})

test('where a page may open no WebSocket, it polls', async () => {
  vi.mocked(openWebSocket).mockImplementation(() => {
    throw new Error('Mixed content.')
  })
  const { told } = open()
  await requests[0]?.answer(hello)
  expect(told).toEqual(['packet', 'open'])
})

test.each([
  ['{"code":1,"message":"Session ID unknown"}', 400, 'Session ID unknown'],
  ['<h1>Bad gateway</h1>', 502, 'HTTP status 502'],
  ['null', 503, 'HTTP status 503'],
  ['<!doctype html>', 200, 'what answers speaks no Socket.IO'],
  ['0{', 200, 'what answers speaks no Socket.IO'],
  ['', 200, 'what answers speaks no Socket.IO'],
])('the answer %s with status %i is told as: %s', async (text, status, reason) => {
  const { told, socket } = open()
  socket.onerror()
  await requests[0]?.answer(text, status)
  expect(told.at(-1)).toBe(`end: ${reason}`)
  expect(requests).toEqual([])
})

test('a server that does not answer is told in the words of fetch', async () => {
  const { told, socket } = open()
  socket.onerror()
  await requests[0]?.fail(new TypeError('Failed to fetch'))
  expect(told).toEqual(['end: Failed to fetch'])
})

test.each([
  ['bytes', new Uint8Array([1, 2])],
  ['a packet of another kind', 'b4AAE='],
  ['nothing', ''],
])('%s on an open connection is no text', (_, data) => {
  const { told, socket } = open()
  socket.receive(hello)
  socket.receive(data)
  expect(told.slice(2)).toEqual(['packet', 'text '])
})

test('polling sends together what is sent in one tick, one request after the other, and asks for more meanwhile', async () => {
  const { engine, told } = await openPolling()
  engine.send('a')
  engine.send('b')
  await settle()
  expect(posts().map(({ body, url }) => [body, url])).toEqual([
    ['4a\u{1e}4b', 'https://a.example/under/socket.io/?EIO=4&transport=polling&sid=abc'],
  ])
  engine.send('c')
  await polls()[0]?.answer('2')
  await polls()[0]?.answer('4x')
  expect(polls()).toHaveLength(1)
  expect(told).toEqual(['packet', 'packet', 'text x'])
  expect(posts()).toHaveLength(1)
  await posts()[0]?.answer('ok')
  expect(posts().map(({ body }) => body)).toEqual(['4c\u{1e}3'])
})

test('polling sends no more at once than the server takes, however wide the characters', async () => {
  const { engine } = await openPolling()
  const texts = Array.from({ length: 9 }, (_, index) => '世'.repeat(index === 4 ? 1_200 : 120))
  for (const text of texts) engine.send(text)
  const sent: string[] = []
  for (await settle(); posts()[0]; await posts()[0]?.answer('ok')) sent.push(posts()[0]?.body ?? '')
  expect(sent.join('\u{1e}').split('\u{1e}')).toEqual(texts.map((text) => `4${text}`))
  expect(sent.map((body) => body.split('\u{1e}').length)).toEqual([2, 2, 1, 2, 2])
  const sizes = sent.map((body) => Buffer.byteLength(body))
  expect(sizes.filter((size) => size > session.maxPayload)).toHaveLength(1)
})

test('[L4] what is sent right before the end goes out over polling, outlives the page, and then nothing is asked any more', async () => {
  const { engine, told } = await openPolling()
  engine.send('2["bye"]')
  engine.close()
  expect(told).toEqual(['end'])
  await settle()
  expect(posts().map(({ body, keepalive }) => [body, keepalive])).toEqual([['42["bye"]', true]])
  // Were it ended now, or with the page, the server would not hear the goodbye.
  expect(polls().map(({ keepalive }) => keepalive)).toEqual([true])
  await posts()[0]?.answer('ok')
  expect(requests).toEqual([])
  expect(vi.getTimerCount()).toBe(0)
})

test('[L4] a goodbye that nobody takes is given up', async () => {
  const { engine } = await openPolling()
  engine.send('x')
  engine.close()
  await vi.advanceTimersByTimeAsync(4_999)
  expect(requests).toHaveLength(2)
  await vi.advanceTimersByTimeAsync(1)
  expect(requests).toEqual([])
})

test('what is too long to outlive a page is sent like any other request', async () => {
  const { engine } = await openPolling()
  engine.send('x'.repeat(60_000))
  await settle()
  expect(posts()[0]?.keepalive).toBe(false)
})

test('closed before the server has said anything, it asks no more and says no more', async () => {
  const { engine, told, socket } = open()
  engine.close()
  socket.onerror()
  expect([told, socket.isClosed, requests]).toEqual([['end'], true, []])
  const polling = open()
  polling.socket.onerror()
  polling.engine.close()
  await settle()
  expect([polling.told, requests]).toEqual([['end'], []])
})

test.each(['GET', 'POST'])('a %s that fails ends an open connection, once', async (method) => {
  const { engine, told } = await openPolling()
  engine.send('x')
  await settle()
  await requests.find((request) => request.method === method)?.answer('{"message":"Session ID unknown"}', 400)
  await vi.advanceTimersByTimeAsync(60_000)
  expect(told).toEqual(['end: Session ID unknown'])
  expect(requests).toEqual([])
})
