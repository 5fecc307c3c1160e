import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'

// Below the range that systems hand out, so that nobody takes a port while its server restarts; and each of several processes
// of tests has a hundred of its own, so that none takes what another has just found free.
const firstPort = 20_000
const hundreds = 120
let asked = 0

/** A port that is free. */
export async function freePort(): Promise<number> {
  for (;;) {
    const probe = createServer()
    const port = firstPort + (process.pid % hundreds) * 100 + (asked++ % 100)
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
