import { EventEmitter } from 'node:events'
import { maskedFrame } from '@app/testkit'
import type { Socket } from 'socket.io'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Frame, Outflow, tapEvents } from './socket-io-engine.ts'

beforeEach(() => void vi.useFakeTimers({ toFake: ['performance'] }))
afterEach(() => void vi.useRealTimers())

/** A WebSocket whose other end reads by hand. */
function open() {
  const tcp = {
    bytesWritten: 0,
    writableLength: 0,
    write(bytes: Uint8Array) {
      tcp.bytesWritten += bytes.length
      tcp.writableLength += bytes.length
      return true
    },
  }
  const transport = { name: 'websocket', writable: true, socket: { readyState: 1, _socket: tcp } }
  const conn = Object.assign(new EventEmitter(), {
    readyState: 'open',
    writeBuffer: [],
    transport,
    write: vi.fn<(text: string) => void>(),
  })
  const outflow = new Outflow({ conn } as unknown as Socket)
  return { tcp, conn, outflow }
}

test('a reader that makes progress, and is slower than what is sent, is behind', () => {
  const { tcp, conn, outflow } = open()
  const behind: boolean[] = []
  for (let flush = 0; flush < 8; flush++) {
    outflow.send(new Frame(['t', flush, 'x'.repeat(1_000)]))
    tcp.writableLength -= 100
    behind.push(outflow.isBehind())
    vi.advanceTimersByTime(33)
  }
  expect(behind).toEqual([false, false, false, false, true, true, true, true])
  // All of it was written to the TCP socket itself, nothing through Engine.IO.
  expect(conn.write).not.toHaveBeenCalled()
})

test('a queue that is never quite empty, but lets everything out in time, is none', () => {
  const { tcp, outflow } = open()
  for (let flush = 0; flush < 20; flush++) {
    const before = tcp.writableLength
    outflow.send(new Frame(['t', flush, 1]))
    tcp.writableLength -= before
    expect(outflow.isBehind()).toBe(false)
    vi.advanceTimersByTime(33)
  }
})

/** A connection that is read below Socket.IO; what `ws` gets is what is left for it. */
function openIn(half: {
  readonly _state?: number
  readonly _bufferedBytes?: number
  readonly writableLength?: number
}) {
  const write = vi.fn<(chunk: Uint8Array) => boolean>(() => true)
  const receiver = { _state: 0, _bufferedBytes: 0, _fragmented: 0, writableLength: 0, ...half, write }
  const transport = { name: 'websocket', writable: true, socket: { readyState: 1, _receiver: receiver } }
  const conn = Object.assign(new EventEmitter(), { readyState: 'open', writeBuffer: [], transport })
  const heard: unknown[] = []
  const socket = { conn } as unknown as Socket
  tapEvents(socket, new Outflow(socket), (message) => heard.push(message))
  return { receiver, conn, write, heard }
}

const event = maskedFrame(Buffer.from('42["p",1]'))

test('what comes while a frame is half read belongs to that frame, whatever it looks like', () => {
  for (const half of [{ _state: 4 }, { _bufferedBytes: 1 }, { _fragmented: 1 }, { writableLength: 9 }]) {
    const { receiver, write, heard } = openIn(half)
    receiver.write(event)
    expect(heard).toEqual([])
    expect(write).toHaveBeenCalledExactlyOnceWith(event)
  }
})

test('a connection that is closing hears nothing more, and what is no JSON goes to Socket.IO', () => {
  const { receiver, conn, write, heard } = openIn({})
  const broken = maskedFrame(Buffer.from('42["p",'))
  receiver.write(Buffer.concat([event, broken, event]))
  expect(heard).toEqual([['p', 1]])
  expect(write.mock.calls.map(([chunk]) => chunk.length)).toEqual([broken.length + event.length])
  conn.readyState = 'closing'
  receiver.write(event)
  expect(heard).toHaveLength(1)
})

test('while a ping is unanswered, Engine.IO sees the first packet, which it takes for a sign of life', () => {
  const { receiver, conn, write, heard } = openIn({})
  conn.emit('packetCreate', { type: 'ping' })
  receiver.write(event)
  expect([heard.length, write.mock.calls.length]).toEqual([0, 1])
  // As it does for what `ws` hands on to it.
  conn.emit('packet', { type: 'message' })
  receiver.write(event)
  expect([heard.length, write.mock.calls.length]).toEqual([1, 1])
})
