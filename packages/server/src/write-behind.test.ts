import { FakeClock } from '@app/testkit'
import { expect, test } from 'vitest'
import { createCounters } from './counters.ts'
import type { EntryName, PresenceStore, Seen, StoreChanges, StoredEntry } from './store.ts'
import { WriteBehind } from './write-behind.ts'

/** A call that the store has not answered yet. */
interface Call {
  readonly write?: StoreChanges
  readonly seen?: readonly Seen[]
  readonly closes?: true
  accept(): Promise<void>
  refuse(): Promise<void>
}

function open({ answers = 'at once' }: { answers?: 'at once' | 'later' } = {}) {
  const clock = new FakeClock()
  const written: StoreChanges[] = []
  const errors: string[] = []
  const infos: string[] = []
  const present = new Map<number, StoredEntry>()
  const seenAtMs = new Map<number, number>()
  const disk = { isBroken: false, isFull: false, isSeenBroken: false }
  const writtenSeen: (readonly Seen[])[] = []
  const fail = (): void => {
    if (disk.isBroken) throw new Error('no space left on device')
  }
  const opened = { run: 1, epoch: '1-a', clients: [], entries: [] }
  const atOnce: PresenceStore = {
    open: () => opened,
    write(changes) {
      fail()
      if (disk.isFull) throw new Error('no space left on device')
      written.push(changes)
    },
    writeSeen(seen) {
      fail()
      if (disk.isSeenBroken) throw new Error('no space left on device')
      writtenSeen.push(seen)
    },
    close() {},
  }
  const calls: Call[] = []
  const wait = (call: Pick<Call, 'write' | 'seen' | 'closes'>): Promise<void> =>
    new Promise((resolve, reject) => {
      const answer = (give: () => void): Promise<void> => {
        give()
        return settled()
      }
      calls.push({
        ...call,
        accept: () => answer(resolve),
        refuse: () => answer(() => reject(new Error('no space left on device'))),
      })
    })
  const later: PresenceStore = {
    open: () => opened,
    write: (changes) => wait({ write: changes }),
    writeSeen: (seen) => wait({ seen }),
    close: () => wait({ closes: true }),
  }
  const store = answers === 'later' ? later : atOnce
  const logger = {
    debug() {},
    info: (_: object, sentence: string) => void infos.push(sentence),
    warn() {},
    error: (_: object, sentence: string) => void errors.push(sentence),
  }
  const writeBehind = new WriteBehind({
    store,
    clock,
    logger,
    counters: createCounters(),
    persistMs: 1_000,
    entry: ({ clientId }: EntryName) => present.get(clientId),
    client: (clientId) => ({ clientId, secretHash: '', userId: undefined, seenAtMs: seenAtMs.get(clientId) ?? 0 }),
  })
  const save = (clientId: number, json: string | undefined, when: 'next' | 'soon'): void => {
    const lease = { ttlMs: 1, isHeld: false, expiresAtMs: 1 }
    if (json === undefined) present.delete(clientId)
    else present.set(clientId, { room: 'pr:a', clientId, user: undefined, json, ...lease, n: 1, joinedAtMs: 0 })
    writeBehind.saveEntry({ room: 'pr:a', clientId }, when)
  }
  const saveSeen = (seen: readonly Seen[]): void => {
    for (const [clientId, atMs] of seen) seenAtMs.set(clientId, atMs)
    writeBehind.saveSeen(seen.map(([clientId]) => clientId))
  }
  /** The one call that is under way. */
  const underWay = (): Call => {
    expect(calls).toHaveLength(1)
    return calls.shift()!
  }
  return { clock, written, writtenSeen, errors, infos, disk, writeBehind, save, saveSeen, seenAtMs, calls, underWay }
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
const jsonOf = (call: Call): string[] | undefined => call.write?.entries.map((entry) => entry.json)

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

test('at most 250 rows are written in one turn', () => {
  const { clock, written, save, writeBehind } = open()
  for (let i = 1; i <= 1_200; i++) save(i, '1', 'next')
  for (let i = 1; i <= 100; i++) writeBehind.saveClient(i)
  clock.advance(0)
  expect(written.map((changes) => changes.entries.length + changes.clients.length)).toEqual([
    250, 250, 250, 250, 250, 50,
  ])
})

test('a store that fails is told of once, tried again, and gets everything in the end', () => {
  const { clock, written, errors, disk, save, saveSeen } = open()
  disk.isBroken = true
  save(1, '1', 'next')
  clock.advance(0)
  save(2, '2', 'next')
  save(1, '3', 'next')
  saveSeen([[1, 5]])
  clock.advance(10_000)
  expect(written).toEqual([])
  expect(errors).toHaveLength(1)
  disk.isBroken = false
  clock.advance(1_000)
  expect(written.flatMap((changes) => changes.entries.map((entry) => entry.json))).toEqual(['3', '2'])
})

test('a disk that is full, but takes what needs no more room, is told of once, and once when it is well', () => {
  const { clock, written, errors, infos, disk, save, saveSeen } = open()
  disk.isFull = true
  save(1, '1', 'next')
  for (let i = 0; i < 10; i++) {
    clock.advance(1_000)
    saveSeen([[1, i]])
  }
  expect([errors.length, infos.length]).toEqual([1, 0])
  disk.isFull = false
  clock.advance(1_000)
  expect(written).toHaveLength(1)
  expect([errors.length, infos.length]).toEqual([1, 1])
})

test('while the store fails, what waits is as much as has changed, not as often as it has', () => {
  const { clock, written, disk, save, saveSeen } = open()
  disk.isBroken = true
  for (let i = 0; i < 1_000; i++) {
    save(1, String(i), 'soon')
    save(2, i % 2 === 0 ? String(i) : undefined, 'next')
    saveSeen([[1, i]])
    clock.advance(100)
  }
  disk.isBroken = false
  clock.advance(1_000)
  expect(written.map(({ entries, gone }) => [entries.map(({ json }) => json), gone.length])).toEqual([[['999'], 1]])
})

test('closing writes everything at once, and gives up on a store that fails', () => {
  const { clock, written, errors, disk, save, writeBehind } = open()
  for (let i = 1; i <= 700; i++) save(i, '1', 'next')
  save(701, '1', 'soon')
  expect(writeBehind.close()).toBeUndefined()
  expect(written.flatMap((changes) => changes.entries)).toHaveLength(701)
  expect(clock.pending).toBe(0)
  disk.isBroken = true
  save(1, '2', 'next')
  expect(writeBehind.close()).toBeUndefined()
  expect(errors).toEqual([
    expect.stringContaining('cannot be written'),
    expect.stringContaining('closed without what changed last'),
  ])
})

test('a client that comes back just before it was to be forgotten is not', () => {
  const { clock, written, writeBehind } = open()
  writeBehind.forgetClients([1, 2])
  writeBehind.saveClient(1)
  clock.advance(0)
  expect(written).toMatchObject([{ forgotten: [2], clients: [{ clientId: 1 }] }])
})

test('[R3] what changes while a batch is under way is in the next one, and there is one at a time', async () => {
  const { clock, save, calls, underWay, writeBehind } = open({ answers: 'later' })
  for (let i = 1; i <= 300; i++) save(i, '"a"', 'next')
  clock.advance(0)
  const first = underWay()
  expect(jsonOf(first)).toHaveLength(250)
  save(1, '"b"', 'next')
  save(2, '"c"', 'soon')
  writeBehind.saveClient(1)
  clock.advance(5_000)
  expect(calls).toEqual([])
  await first.accept()
  clock.advance(0)
  const second = underWay()
  expect(jsonOf(second)).toEqual([...Array.from({ length: 50 }, () => '"a"'), '"b"', '"c"'])
  expect(second.write?.clients).toMatchObject([{ clientId: 1 }])
  await second.accept()
  clock.advance(5_000)
  expect(calls).toEqual([])
})

test('a batch that is refused later comes again after a second, as things are by then, and is told of once', async () => {
  const { clock, save, calls, underWay, errors, infos, writeBehind } = open({ answers: 'later' })
  writeBehind.saveClient(9)
  save(1, '"a"', 'next')
  save(2, '"a"', 'next')
  clock.advance(0)
  const first = underWay()
  save(3, '"a"', 'next')
  save(2, '"b"', 'next')
  save(1, undefined, 'next')
  await first.refuse()
  clock.advance(999)
  expect(calls).toEqual([])
  clock.advance(1)
  const second = underWay()
  expect(second.write).toMatchObject({ gone: [{ clientId: 1 }], entries: [{ json: '"b"' }, { json: '"a"' }] })
  expect(second.write?.clients).toMatchObject([{ clientId: 9 }])
  await second.refuse()
  clock.advance(1_000)
  await underWay().accept()
  expect(errors).toHaveLength(1)
  expect(infos).toHaveLength(1)
  clock.advance(10_000)
  expect(calls).toEqual([])
})

test('a client that comes back while it is being forgotten is not forgotten again when that fails', async () => {
  const { clock, writeBehind, underWay } = open({ answers: 'later' })
  writeBehind.forgetClients([1, 2])
  clock.advance(0)
  const first = underWay()
  expect(first.write?.forgotten).toEqual([1, 2])
  writeBehind.saveClient(1)
  await first.refuse()
  clock.advance(1_000)
  expect(underWay().write).toMatchObject({ forgotten: [2], clients: [{ clientId: 1 }] })
})

test('a client that is to be forgotten while it is being saved is forgotten afterwards', async () => {
  const { clock, writeBehind, underWay } = open({ answers: 'later' })
  writeBehind.saveClient(1)
  clock.advance(0)
  const first = underWay()
  writeBehind.forgetClients([1])
  await first.accept()
  clock.advance(0)
  expect(underWay().write).toMatchObject({ forgotten: [1], clients: [] })
})

test('[R3] who was seen waits for the batch under way, and batches wait for it', async () => {
  const { clock, writeBehind, save, calls, underWay, saveSeen } = open({ answers: 'later' })
  save(1, '"a"', 'next')
  saveSeen([[1, 5]])
  const first = underWay()
  expect(first.seen).toEqual([[1, 5]])
  clock.advance(0)
  expect(calls).toEqual([])
  await first.accept()
  clock.advance(0)
  const second = underWay()
  expect(jsonOf(second)).toEqual(['"a"'])
  saveSeen([
    [1, 6],
    [2, 6],
  ])
  saveSeen([[1, 7]])
  expect(calls).toEqual([])
  await second.accept()
  const third = underWay()
  expect(third.seen).toEqual([
    [1, 7],
    [2, 6],
  ])
  saveSeen([[1, 8]])
  void writeBehind.close()
  await third.accept()
  expect(underWay().seen).toEqual([[1, 8]])
})

test('who was seen, and is refused, is tried again after a second with those seen by then, and told of once', async () => {
  const { clock, calls, underWay, errors, infos, saveSeen } = open({ answers: 'later' })
  saveSeen([[1, 5]])
  await underWay().refuse()
  clock.advance(999)
  expect(calls).toEqual([])
  clock.advance(1)
  const second = underWay()
  expect(second.seen).toEqual([[1, 5]])
  saveSeen([[2, 7]])
  await second.refuse()
  clock.advance(1_000)
  const third = underWay()
  expect(third.seen).toEqual([
    [2, 7],
    [1, 5],
  ])
  await third.accept()
  expect([errors.length, infos.length]).toEqual([1, 1])
  clock.advance(10_000)
  expect(calls).toEqual([])
})

test('[R3] changes do not wait because who was seen is refused, nor the other way round', async () => {
  const { clock, save, saveSeen, underWay } = open({ answers: 'later' })
  saveSeen([[1, 5]])
  const first = underWay()
  save(1, '"a"', 'next')
  await first.refuse()
  clock.advance(0)
  const second = underWay()
  expect(jsonOf(second)).toEqual(['"a"'])
  await second.refuse()
  clock.advance(1_000)
  // Both are due; whichever is first, the other one follows.
  const third = underWay()
  await third.refuse()
  clock.advance(0)
  const fourth = underWay()
  expect([third, fourth].map((call) => (call.seen ? 'seen' : 'changes')).sort()).toEqual(['changes', 'seen'])
})

test('[R3] who was seen and could not be written is written as seen by now, not as when it was refused', async () => {
  const { clock, writeBehind, saveSeen, seenAtMs, underWay } = open({ answers: 'later' })
  saveSeen([[1, 5]])
  await underWay().refuse()
  // The client has been away and is back.
  seenAtMs.set(1, 60_000)
  writeBehind.saveClient(2)
  clock.advance(0)
  await underWay().accept()
  expect(underWay().seen).toEqual([[1, 60_000]])
})

test('[R3] who was seen is not written again after its row, and is when the row is refused', async () => {
  const { clock, writeBehind, saveSeen, calls, underWay } = open({ answers: 'later' })
  saveSeen([[1, 5]])
  await underWay().refuse()
  writeBehind.saveClient(1)
  clock.advance(0)
  const first = underWay()
  expect(first.write?.clients).toMatchObject([{ clientId: 1, seenAtMs: 5 }])
  await first.refuse()
  clock.advance(1_000)
  const second = underWay()
  expect(second.seen).toEqual([[1, 5]])
  await second.refuse()
  clock.advance(0)
  await underWay().accept()
  clock.advance(10_000)
  expect(calls).toEqual([])
})

test('closing waits for what is under way, writes the rest, and then closes the store', async () => {
  const { clock, writeBehind, save, underWay, errors, saveSeen } = open({ answers: 'later' })
  for (let i = 1; i <= 300; i++) save(i, '"a"', 'next')
  clock.advance(0)
  const first = underWay()
  save(301, '"b"', 'soon')
  saveSeen([[1, 5]])
  let isClosed = false
  const closed = Promise.resolve(writeBehind.close()).then(() => (isClosed = true))
  // Somebody's connection may end just now.
  save(302, '"c"', 'soon')
  await first.accept()
  const second = underWay()
  expect(jsonOf(second)?.slice(50)).toEqual(['"b"', '"c"'])
  await second.accept()
  const seen = underWay()
  expect(seen.seen).toEqual([[1, 5]])
  save(303, '"d"', 'soon')
  await seen.accept()
  const third = underWay()
  expect(jsonOf(third)).toEqual(['"d"'])
  await third.accept()
  const last = underWay()
  expect(last.closes).toBe(true)
  expect(isClosed).toBe(false)
  await last.accept()
  await closed
  expect(clock.pending).toBe(0)
  expect(errors).toEqual([])
})

test('closing tries once more what was refused, and then says that it is lost', async () => {
  const { clock, writeBehind, save, underWay, errors } = open({ answers: 'later' })
  save(1, '"a"', 'next')
  clock.advance(0)
  const first = underWay()
  const closed = writeBehind.close()
  await first.refuse()
  const second = underWay()
  expect(jsonOf(second)).toEqual(['"a"'])
  await second.refuse()
  const last = underWay()
  expect(last.closes).toBe(true)
  await last.refuse()
  await closed
  expect(errors).toEqual([
    expect.stringContaining('cannot be written'),
    expect.stringContaining('closed without what changed last'),
    expect.stringContaining('could not be closed'),
  ])
  expect(clock.pending).toBe(0)
})

test('closing writes what changed also when who was seen cannot be written, and says in one line what is lost', () => {
  const { written, errors, disk, save, saveSeen, writeBehind } = open()
  disk.isSeenBroken = true
  saveSeen([[9, 5]])
  for (let i = 1; i <= 300; i++) save(i, '1', 'next')
  expect(writeBehind.close()).toBeUndefined()
  expect(written.flatMap((changes) => changes.entries)).toHaveLength(300)
  expect(errors).toEqual([
    expect.stringContaining('cannot be written'),
    expect.stringContaining('closed without when clients were seen last'),
  ])
})

test('[R3] closing writes who was seen also when what changed cannot be written, and says in one line what is lost', () => {
  const { clock, writtenSeen, errors, disk, save, saveSeen, writeBehind } = open()
  disk.isBroken = true
  saveSeen([[9, 5]])
  save(1, '1', 'next')
  disk.isBroken = false
  disk.isFull = true
  expect(writeBehind.close()).toBeUndefined()
  expect(writtenSeen).toEqual([[[9, 5]]])
  expect(errors).toEqual([
    expect.stringContaining('cannot be written'),
    expect.stringContaining('closed without what changed last'),
  ])
  expect(clock.pending).toBe(0)
})

test('closing gives up on a store that does not answer, and says so', async () => {
  const { clock, writeBehind, save, calls, underWay, errors } = open({ answers: 'later' })
  for (let i = 1; i <= 300; i++) save(i, '"a"', 'next')
  const closed = writeBehind.close()
  const first = underWay()
  clock.advance(5_000)
  await closed
  expect(errors).toEqual([expect.stringContaining('within 5000 ms')])
  // Should it answer after all, no more is written.
  await first.accept()
  expect(calls.map((call) => call.closes)).toEqual([true])
})

test('of many who were seen, a thousand are written at once', async () => {
  const { calls, underWay, saveSeen } = open({ answers: 'later' })
  saveSeen(Array.from({ length: 2_500 }, (_, i) => [i + 1, 5] as const))
  const sizes: (number | undefined)[] = []
  for (let i = 0; i < 3; i++) {
    const call = underWay()
    sizes.push(call.seen?.length)
    await call.accept()
  }
  expect(sizes).toEqual([1_000, 1_000, 500])
  expect(calls).toEqual([])
})
