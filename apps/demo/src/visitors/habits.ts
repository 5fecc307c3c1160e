import { derivedKey, type PresenceClient } from '@app/client'
import { roomOfDocument, documents } from '../documents.ts'
import { formFields } from '../form-fields.ts'
import { roomOfPage, type Page } from '../page.ts'
import { world } from '../world.ts'

/** What a visitor does on one page, step by step. */
export interface Habit {
  step(nowMs: number, crowdSize: number): void
  end(): void
}

const typingTtlMs = 6_000
const between = (least: number, most: number): number => least + Math.random() * (most - least)
const oneOf = <T>(list: readonly T[]): T => list[Math.floor(Math.random() * list.length)] as T

/** What a visitor does on a page: `roomKey` is that of the whole tour. */
export function habitOf(page: Page, client: PresenceClient, roomKey: string): Habit {
  const key = roomOfPage(page, roomKey)
  switch (page) {
    case 'room':
      return together(moving(client, key, { width: 1, height: 1 }), typing(client, key))
    case 'board':
      return together(moving(client, key, world), present(client, key))
    case 'chat':
      return talking(client, key)
    case 'form':
      return fillingIn(client, key)
    case 'documents':
      return reading(client, roomKey)
    case 'rtl':
      return together(moving(client, key, { width: 1, height: 1 }), typing(client, key))
  }
}

function together(...habits: readonly Habit[]): Habit {
  return {
    step: (nowMs, crowdSize) => habits.forEach((habit) => habit.step(nowMs, crowdSize)),
    end: () => habits.forEach((habit) => habit.end()),
  }
}

/** Is there, and that is all. */
function present(client: PresenceClient, key: string): Habit {
  const track = client.presence(key).track({})
  return { step: () => {}, end: () => track.stop() }
}

/** A cursor on a slow curve that never quite repeats. */
function moving(client: PresenceClient, key: string, { width, height }: { width: number; height: number }): Habit {
  const room = client.presence(derivedKey(key, 'cursors'))
  const [paceX, paceY, startX, startY] = [between(0.15, 0.45), between(0.15, 0.45), between(0, 6.3), between(0, 6.3)]
  const [reachX, reachY] = [between(0.2, 0.44), between(0.2, 0.4)]
  const round = (value: number) => Math.round(value * 10_000) / 10_000
  const at = (nowMs: number) => ({
    x: round(width * (0.5 + reachX * Math.sin(startX + (nowMs / 1_000) * paceX))),
    y: round(height * (0.5 + reachY * Math.sin(startY + (nowMs / 1_000) * paceY))),
  })
  const track = room.track(at(performance.now()))
  return { step: (nowMs) => track.update(at(nowMs)), end: () => track.stop() }
}

/** Types now and then; the more visitors there are, the seldomer each of them. */
function typing(client: PresenceClient, key: string, data: () => string | true = () => true, onDone = () => {}): Habit {
  const room = client.presence(derivedKey(key, 'typing'))
  let [untilMs, toldAtMs, nextAtMs] = [0, 0, performance.now() + between(1_000, 15_000)]
  return {
    step(nowMs, crowdSize) {
      if (nowMs < untilMs) {
        if (nowMs - toldAtMs > 2_000) room.heartbeat(data(), typingTtlMs)
        if (nowMs - toldAtMs > 2_000) toldAtMs = nowMs
      } else if (untilMs > 0) {
        room.leave()
        untilMs = 0
        nextAtMs = nowMs + between(0.5, 1.5) * (6_000 + crowdSize * 1_500)
        onDone()
      } else if (nowMs >= nextAtMs) {
        room.heartbeat(data(), typingTtlMs)
        toldAtMs = nowMs
        untilMs = nowMs + between(2_500, 6_000)
      }
    },
    end: () => room.leave(),
  }
}

const sayings = [
  'Has anybody seen my pencil?',
  'The second draft reads better.',
  'I will be back in five minutes.',
  'Good morning, all.',
  'Who takes the minutes today?',
  'That blue is the right one.',
  'Let us keep it short.',
  'Lunch at noon?',
]

function talking(client: PresenceClient, key: string): Habit {
  const room = client.presence(key)
  const say = () => ({ text: oneOf(sayings), saidAtMs: client.now() })
  const track = room.track(null)
  const writing = typing(
    client,
    key,
    () => true,
    () => track.update(say()),
  )
  return {
    step: (nowMs, crowdSize) => writing.step(nowMs, crowdSize),
    end() {
      writing.end()
      track.stop()
    },
  }
}

function fillingIn(client: PresenceClient, key: string): Habit {
  let field: string = oneOf(formFields).name
  let nextAtMs = performance.now() + between(3_000, 9_000)
  const track = client.presence(key).track({ field })
  const writing = typing(client, key, () => field)
  return {
    step(nowMs, crowdSize) {
      writing.step(nowMs, crowdSize)
      if (nowMs < nextAtMs) return
      nextAtMs = nowMs + between(5_000, 9_000) + crowdSize * 100
      field = oneOf(formFields).name
      track.update({ field })
    },
    end() {
      writing.end()
      track.stop()
    },
  }
}

function reading(client: PresenceClient, roomKey: string): Habit {
  const open = () => client.presence(roomOfDocument(oneOf(documents).id, roomKey)).track({})
  let track = open()
  let nextAtMs = performance.now() + between(4_000, 12_000)
  return {
    step(nowMs, crowdSize) {
      if (nowMs < nextAtMs) return
      nextAtMs = nowMs + between(8_000, 14_000) + crowdSize * 200
      track.stop()
      track = open()
    },
    end: () => track.stop(),
  }
}
