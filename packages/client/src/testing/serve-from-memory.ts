import type { Clock } from '@app/protocol'
import type { Host } from './host.ts'
import { MemoryServer } from './memory-server.ts'

/** Runs a server in memory by a clock: its one timer goes off when something of it is due. */
export function serveFromMemory(clock: Clock): Host {
  // As the real one, it does not notice when the system's clock is set.
  const bornAtMs = clock.wallMs() - clock.monotonicMs()
  const now = (): number => Math.floor(bornAtMs + clock.monotonicMs())
  const server = new MemoryServer('in memory', now())
  let isOver = false
  let cancel = () => {}
  const then = <T>(result: T): T => {
    cancel()
    if (!isOver) cancel = clock.after(server.dueAtMs - now(), () => then(server.run(now())))
    return result
  }
  then(null)
  return {
    connect(handshake, link) {
      const connection = then(server.connect(handshake, link, now()))
      return {
        onPacket: () => {
          connection.seenAtMs = now()
        },
        onMessage: (message) => then(server.receive(connection, message, now())),
        onClose: () => then(server.lose(connection, now())),
      }
    },
    stop() {
      isOver = true
      cancel()
    },
  }
}
