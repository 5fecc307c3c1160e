import { parseWireError, PresenceError, type Message } from '@app/protocol'
import type { Connect } from './connection.ts'
import { openEngine, parseJson } from './engine-io.ts'

/**
 * The only file that knows Socket.IO: one engine per attempt, and of Socket.IO's protocol the five packets that we use, each
 * a digit and JSON. What socket.io-client does besides (reconnecting, buffering, acks) we would turn off, and everybody
 * would download it.
 */
export function connectBySocketIo(address: () => URL): Connect {
  return (handshake, events) => {
    const url = address()
    let isConnected = false
    let refusal: PresenceError | undefined
    const refuse = (error: PresenceError) => {
      refusal = error
      engine.close()
    }
    const engine = openEngine(url, {
      onOpen: () => engine.send(`0${JSON.stringify(handshake)}`),
      onPacket: () => events.onPacket(),
      onText: (packet) => {
        const content = parseJson(packet.slice(1))
        if (packet[0] === '2' && Array.isArray(content)) events.onMessage(content as unknown as Message)
        else if (packet[0] === '0') isConnected = true
        else if (packet[0] === '1') engine.close()
        else if (packet[0] === '4' && content)
          refuse(content.data ? parseWireError(content.data) : unreachable(url, content))
        else refuse(new PresenceError('bad-message', 'The server sent what is no event.', { canRetry: true }))
      },
      onEnd: (error) => {
        // Once connected, an end is an end, whatever the engine says of it.
        if (error && !isConnected) refusal = unreachable(url, error)
        if (refusal) events.onRefused(refusal)
        else events.onClose()
      },
    })
    return {
      send: (message) => {
        if (isConnected) engine.send(`2${JSON.stringify(message)}`)
      },
      close: () => {
        if (isConnected) engine.send('1')
        engine.close()
      },
    }
  }
}

function unreachable(url: URL, cause: { readonly message?: string }): PresenceError {
  return new PresenceError(
    'connection-failed',
    `No presence server answers at ${url.origin}: ${cause.message}. It is tried again.`,
    { canRetry: true, cause },
  )
}
