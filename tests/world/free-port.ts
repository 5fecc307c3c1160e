import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'

/** A port that is free now. Below the range that systems hand out, so that nobody takes it while a server restarts. */
export async function freePort(): Promise<number> {
  for (;;) {
    const probe = createServer()
    const port = 20_000 + Math.floor(Math.random() * 12_000)
    const isFree = await new Promise<boolean>((resolve) => {
      probe.once('error', () => resolve(false))
      probe.listen(port, '127.0.0.1', () => resolve((probe.address() as AddressInfo).port === port))
    })
    if (!isFree) continue
    probe.close()
    await once(probe, 'close')
    return port
  }
}
