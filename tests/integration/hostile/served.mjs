// A presence server in a process of its own, which tells its parent how it stands. It runs from dist: build first.
import { createPresenceServer, sqliteStore } from '@app/server'

const { db, tokens, ...options } = JSON.parse(process.argv[2])
const errors = []
const logger = {
  debug() {},
  info() {},
  warn() {},
  error: ({ err, ...details }, sentence) => errors.push(`${sentence} ${JSON.stringify(details)} ${err?.stack ?? ''}`),
}
const auth = ({ token }) => (token !== undefined && Object.hasOwn(tokens, token) ? tokens[token] : undefined)
const server = createPresenceServer({
  ...options,
  logger,
  ...(tokens ? { auth } : {}),
  ...(db ? { store: sqliteStore({ file: db }) } : {}),
})

/** What a page of hostile JSON would like to add to. */
const prototypes = () =>
  [Object, Array, Function, String, Number].map(({ prototype }) => Reflect.ownKeys(prototype).length).join(' ')
const untouched = prototypes()

async function look() {
  const metrics = await server.metrics()
  const value = (name) => Number(new RegExp(`^presence_${name} (.*)$`, 'm').exec(metrics)?.[1])
  const resources = process.getActiveResourcesInfo()
  const count = (name) => resources.filter((each) => each === name).length
  const { heapUsed, external } = process.memoryUsage()
  return {
    connections: value('connections'),
    rooms: value('rooms'),
    entries: value('entries'),
    sockets: count('TCPSocketWrap'),
    timers: count('Timeout'),
    megabytes: Math.round((heapUsed + external) / 1e6),
    isPolluted: prototypes() !== untouched,
    errors,
  }
}

process.on('message', (id) => {
  // Asked for often, this would take longer than all the rest.
  if (id < 0) globalThis.gc()
  void look().then((seen) => process.send([id, seen]))
})
process.on('disconnect', () => process.exit())
process.send((await server.listen({ port: 0 })).port)
