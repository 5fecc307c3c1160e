import { expect, test } from 'vitest'
import { presenceEvents, type Crowd } from './presenceEvents.ts'

interface Person {
  readonly userId: string
  readonly isMe: boolean
}

/** A room to look at again and again; who is `me` is me. Tells what each look tells, as `+ada` and `-ada`. */
function room(minAbsenceMs = 1_000) {
  let crowd: Crowd<Person> = null
  return (nowMs: number, who: string, isLive = true) => {
    const users = who
      .split(' ')
      .filter(Boolean)
      .map((userId) => ({ userId, isMe: userId === 'me' }))
    const { joined, left, dueAtMs, ...rest } = presenceEvents(crowd, users, { isLive, nowMs, minAbsenceMs })
    crowd = rest.crowd
    const told = [...left.map(({ userId }) => `-${userId}`), ...joined.map(({ userId }) => `+${userId}`)].join(' ')
    return dueAtMs === Infinity ? told : `${told} until ${dueAtMs}`
  }
}

test('who was here before me is not told, who comes is', () => {
  const look = room()
  expect(look(0, '', false)).toBe('')
  expect(look(10, 'ada grace')).toBe('')
  expect(look(20, 'ada grace alan')).toBe('+alan')
  expect(look(30, 'ada grace alan')).toBe('')
})

test('who goes is told once they have been gone for long enough', () => {
  const look = room()
  look(0, 'ada')
  expect(look(100, '')).toBe(' until 1100')
  expect(look(1_099, '')).toBe(' until 1100')
  expect(look(1_100, '')).toBe('-ada')
  expect(look(1_200, '')).toBe('')
  expect(look(1_300, 'ada')).toBe('+ada')
})

test('a short absence is told at neither end, and the next one counts anew', () => {
  const look = room()
  look(0, 'ada')
  look(100, '')
  expect(look(1_000, 'ada')).toBe('')
  expect(look(1_050, '')).toBe(' until 2050')
  expect(look(1_100, '')).toBe(' until 2050')
})

test('who comes back while a timer is late has been gone, and has come', () => {
  const look = room()
  look(0, 'ada')
  look(100, '')
  expect(look(5_000, 'ada')).toBe('-ada +ada')
})

test('without a minimum every absence is told at once', () => {
  const look = room(0)
  look(0, 'ada')
  expect(look(1, '')).toBe('-ada')
})

test('[U2] I am never told, whichever of my tabs comes and goes', () => {
  const look = room(0)
  look(0, '')
  expect(look(1, 'me')).toBe('')
  expect(look(2, '')).toBe('')
})

test('[S3] what happens while the list is not live, or is found when it is again, is not told', () => {
  const look = room()
  look(0, 'ada grace')
  expect(look(10, 'ada', false)).toBe('')
  expect(look(5_000, '', false)).toBe('')
  expect(look(9_000, 'ada alan')).toBe(' until 39000')
  expect(look(39_000, 'ada alan')).toBe('')
  expect(look(39_001, 'ada alan grace')).toBe('+grace')
})

test('[R2] after a restart everybody comes back unnoticed, and who is new is told', () => {
  const look = room()
  look(0, 'ada grace alan')
  look(10, '', false)
  expect(look(100, '')).toBe(' until 30100')
  expect(look(2_000, 'ada')).toBe(' until 30100')
  expect(look(5_000, 'ada grace edsger')).toBe('+edsger until 30100')
  expect(look(30_100, 'ada grace edsger')).toBe('')
})

test('who had gone before the connection was lost is told when it is back, unless they are', () => {
  const look = room()
  look(0, 'ada grace')
  look(10, '')
  expect(look(20, '', false)).toBe('')
  expect(look(5_000, 'grace')).toBe('-ada')
})
