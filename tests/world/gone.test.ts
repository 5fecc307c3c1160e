import { expect, test } from 'vitest'
import { sharedNowMs } from './crowd.ts'
import { settings } from './scale.ts'
import { startCrowd, startProxy, startServer } from './stage.ts'
import { holdAgainst } from './truth.ts'

const room = 'pr:world'
const patienceMs = settings.ttlMs * 3

/** A server, somebody who stays, and somebody in a process and behind a network of their own: both in the room. */
async function meet() {
  const server = await startServer()
  const proxy = await startProxy(server)
  const [staying, going] = await Promise.all([startCrowd(), startCrowd()])
  const [ada, grace] = await Promise.all([staying.come(server.url), going.come(proxy.url)])
  for (const person of [ada, grace]) {
    person.listen(room)
    person.track(room, person.index, settings.ttlMs)
  }
  await Promise.all([ada.meets(room, grace, patienceMs), grace.meets(room, ada, patienceMs)])
  return { server, proxy, going, ada, grace }
}

test('[L4] who closes is gone at once', async () => {
  const { ada, grace } = await meet()
  const atMs = sharedNowMs()
  grace.close()
  holdAgainst('gone-closed', (await ada.misses(room, grace, patienceMs)) - atMs)
})

test('[L3] [L5] a client whose process is killed is gone when the grace has passed', async () => {
  const { going, ada, grace } = await meet()
  const atMs = sharedNowMs()
  going.kill()
  holdAgainst('gone-killed', (await ada.misses(room, grace, patienceMs)) - atMs)
})

test('[L2] [L5] a client that stands still is gone within its lease, and back by itself when it runs', async () => {
  const { going, ada, grace } = await meet()
  const atMs = sharedNowMs()
  going.pause()
  holdAgainst('gone-silent', (await ada.misses(room, grace, patienceMs)) - atMs)
  going.resume()
  await ada.meets(room, grace, patienceMs)
  expect(grace.errors).toEqual([])
})
