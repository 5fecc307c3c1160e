import { TcpProxy } from '@app/testkit/tcp-proxy'
import { onTestFinished } from 'vitest'
import { Crowd, type CrowdOptions } from './crowd.ts'
import { RealServer } from './real-server.ts'

/** The program in a process of its own, which ends with the test. */
export async function startServer(options?: Parameters<typeof RealServer.start>[0]): Promise<RealServer> {
  const server = await RealServer.start(options)
  onTestFinished(() => server.remove())
  return server
}

/** Clients in a process of their own, which ends with the test. */
export async function startCrowd(options?: CrowdOptions): Promise<Crowd> {
  const crowd = await Crowd.start(options)
  onTestFinished(() => crowd.kill())
  return crowd
}

/** A network before a server, which ends with the test. */
export async function startProxy(server: RealServer): Promise<TcpProxy> {
  const proxy = await TcpProxy.start(server.port)
  onTestFinished(() => proxy.close())
  return proxy
}
