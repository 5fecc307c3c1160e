import { FakeClock } from '@app/testkit'
import { expect, test } from 'vitest'
import type { EntryName, PresenceStore, StoreChanges, StoredEntry } from './store.ts'
import { WriteBehind } from './write-behind.ts'

function open() {
  const clock = new FakeClock()
  const written: StoreChanges[] = []
  const errors: string[] = []
  const present = new Map<number, StoredEntry>()
  const disk = { isBroken: false }
  const fail = (): void => {
    if (disk.isBroken) throw new Error('no space left on device')
  }
  const store: PresenceStore = {
    open: () => ({ run: 1, epoch: '1-a', clients: [], entries: [] }),
    write(changes) {
      fail()
      written.push(changes)
    },
    writeSeen: fail,
    close() {},
  }
  const logger = {
    debug() {},
    info() {},
    warn() {},
    error: (_: object, sentence: string) => void errors.push(sentence),
  }
  const writeBehind = new WriteBehind({
    store,
    clock,
    logger,
    persistMs: 1_000,
    entry: ({ clientId }: EntryName) => present.get(clientId),
    client: (clientId) => ({ clientId, secretHash: '', userId: undefined, seenAtMs: 0 }),
  })
  const save = (clientId: number, json: string | undefined, when: 'next' | 'soon'): void => {
    const lease = { ttlMs: 1, isHeld: false, expiresAtMs: 1 }
    if (json === undefined) present.delete(clientId)
    else present.set(clientId, { room: 'pr:a', clientId, user: undefined, json, ...lease, n: 1, joinedAtMs: 0 })
    writeBehind.saveEntry({ room: 'pr:a', clientId }, when)
  }
  return { clock, written, errors, disk, writeBehind, save }
}

test('[R3] who comes and who goes is written in the next turn', () => {
  const { clock, written, save } = open()
  save(1, '"a"', 'next')
  save(2, undefined, 'next')
  expect(written).toEqual([])
  clock.advance(0)
  expect(written).toHaveLength(1)
  expect(written[0]?.entries.map((entry) => entry.clientId)).toEqual([1])
  expect(written[0]?.gone).toEqual([{ room: 'pr:a', clientId: 2 }])
})

test('[R3] new data is written at most once per persistMs, the newest of it', () => {
  const { clock, written, save } = open()
  for (let i = 0; i <= 30; i++) {
    save(1, String(i), 'soon')
    clock.advance(30)
  }
  expect(written).toEqual([])
  clock.advance(70)
  expect(written.map((changes) => changes.entries.map((entry) => entry.json))).toEqual([['30']])
  clock.advance(10_000)
  expect(written).toHaveLength(1)
})

test('[R3] a leave does not wait for the data before it', () => {
  const { clock, written, save } = open()
  save(1, '"a"', 'soon')
  save(1, undefined, 'next')
  clock.advance(0)
  expect(written.map((changes) => changes.gone.length)).toEqual([1])
  clock.advance(2_000)
  expect(written).toHaveLength(1)
})

test('at most 500 rows are written in one turn', () => {
  const { clock, written, save, writeBehind } = open()
  for (let i = 1; i <= 1_200; i++) save(i, '1', 'next')
  for (let i = 1; i <= 100; i++) writeBehind.saveClient(i)
  clock.advance(0)
  expect(written.map((changes) => changes.entries.length + changes.clients.length)).toEqual([500, 500, 300])
})

test('a store that fails is told of once, tried again, and gets everything in the end', () => {
  const { clock, written, errors, disk, save, writeBehind } = open()
  disk.isBroken = true
  save(1, '1', 'next')
  clock.advance(0)
  save(2, '2', 'next')
  save(1, '3', 'next')
  writeBehind.saveSeen([[1, 5]])
  clock.advance(10_000)
  expect(written).toEqual([])
  expect(errors).toHaveLength(1)
  disk.isBroken = false
  clock.advance(1_000)
  expect(written.flatMap((changes) => changes.entries.map((entry) => entry.json))).toEqual(['3', '2'])
})

test('closing writes everything at once, and gives up on a store that fails', () => {
  const { clock, written, disk, save, writeBehind } = open()
  for (let i = 1; i <= 700; i++) save(i, '1', 'next')
  save(701, '1', 'soon')
  writeBehind.close()
  expect(written.flatMap((changes) => changes.entries)).toHaveLength(701)
  expect(clock.pending).toBe(0)
  disk.isBroken = true
  save(1, '2', 'next')
  writeBehind.close()
})

test('a client that comes back just before it was to be forgotten is not', () => {
  const { clock, written, writeBehind } = open()
  writeBehind.forgetClients([1, 2])
  writeBehind.saveClient(1)
  clock.advance(0)
  expect(written).toMatchObject([{ forgotten: [2], clients: [{ clientId: 1 }] }])
})
