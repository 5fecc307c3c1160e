import { expect, test } from 'vitest'
import { RoomNumbers } from './room-numbers.ts'

test('a number stands for the key it was told with, and an older number of that key for nothing', () => {
  const numbers = new RoomNumbers(10)
  numbers.tell('pr:a', 1)
  numbers.tell('pr:b', 2)
  numbers.tell('pr:a', 1)
  expect([numbers.place(1), numbers.place(2), numbers.place(3)]).toEqual(['pr:a', 'pr:b', undefined])
  numbers.tell('pr:a', 7)
  expect([numbers.place(1), numbers.place(7)]).toEqual([undefined, 'pr:a'])
})
