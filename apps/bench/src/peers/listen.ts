import { once } from 'node:events'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'

/** Listens on this machine only; gives the port. */
export async function listen(http: Server, port: number): Promise<number> {
  // A storm of connections must meet the server, not the length of the kernel's queue before it.
  http.listen({ port, host: '127.0.0.1', backlog: 4_096 })
  await once(http, 'listening')
  return (http.address() as AddressInfo).port
}
