import { PresenceError, systemClock } from '@app/protocol'
import { pageOrigin, watchPage } from './browser.ts'
import { Client } from './client.ts'
import { newIdentity } from './identity.ts'
import type { PresenceClientOptions } from './presence.ts'
import { connectBySocketIo } from './socket-io.ts'

const names = ['url', 'token', 'user', 'autoConnect']

/** Puts a client together from the real edges. `toStandard` adapts schemas that do not speak Standard Schema. */
export function createClient(options: PresenceClientOptions, toStandard?: (schema: unknown) => unknown): Client {
  const unknown = Object.keys(options).find((name) => !names.includes(name))
  if (unknown !== undefined)
    throw new PresenceError('bad-options', `createPresenceClient has no option "${unknown}", only ${names.join(', ')}.`)
  if (options.url !== undefined) parseAddress(options.url)
  return new Client(options, {
    clock: systemClock,
    random: Math.random,
    identity: newIdentity(),
    connect: connectBySocketIo(() => parseAddress(options.url ?? pageOrigin())),
    watchPage,
    toStandard,
  })
}

function parseAddress(url: unknown): URL {
  try {
    const address = new URL(url as string)
    if (/^(https?|wss?):$/.test(address.protocol)) return address
  } catch {
    // Falls through to the sentence below, which says all there is to say.
  }
  throw new PresenceError(
    'bad-options',
    `url must be an http or ws address such as "http://localhost:4400", not ${JSON.stringify(url)}.`,
  )
}
