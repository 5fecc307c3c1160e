import { FakeClock } from '@app/testkit'
import { expect, test } from 'vitest'
import { Sweeper } from './sweeper.ts'

function open() {
  const clock = new FakeClock(0)
  const deadlines = new Map<string, number>()
  const looks: string[] = []
  const sweeper: Sweeper<string> = new Sweeper<string>({
    clock,
    nowMs: () => clock.wallMs(),
    check(item, nowMs) {
      looks.push(`${item}@${nowMs}`)
      const deadlineMs = deadlines.get(item)
      return deadlineMs !== undefined && deadlineMs >= nowMs ? deadlineMs : undefined
    },
    wake: () => sweeper.sweep(clock.wallMs()),
  })
  const watch = (item: string, deadlineMs: number): void => {
    deadlines.set(item, deadlineMs)
    sweeper.watch(item, deadlineMs)
  }
  return { clock, deadlines, looks, sweeper, watch }
}

test('[P3] looks at an item right after its deadline, sleeping until then', () => {
  const { clock, looks, watch } = open()
  watch('a', 1_000)
  expect(clock.pending).toBe(1)
  clock.advance(1_000)
  expect(looks).toEqual([])
  clock.advance(1)
  expect(looks).toEqual(['a@1001'])
  expect(clock.pending).toBe(0)
})

test('[P3] is woken by an earlier deadline, of another item and of the same', () => {
  const { clock, looks, watch } = open()
  watch('a', 9_000)
  watch('b', 500)
  watch('a', 700)
  clock.advance(800)
  expect(looks).toEqual(['b@501', 'a@701'])
  clock.advance(20_000)
  expect(looks).toHaveLength(2)
})

test('a deadline that moved later costs one look at the old one', () => {
  const { clock, looks, deadlines, watch } = open()
  watch('a', 1_000)
  deadlines.set('a', 5_000)
  clock.advance(1_001)
  clock.advance(4_000)
  expect(looks).toEqual(['a@1001', 'a@5001'])
})

test('what is forgotten is not looked at', () => {
  const { clock, looks, sweeper, watch } = open()
  watch('a', 1_000)
  sweeper.forget('a')
  clock.advance(5_000)
  expect(looks).toEqual([])
  expect(sweeper.size).toBe(0)
})

test('many deadlines come up in their order', () => {
  const { clock, looks, watch } = open()
  // A fixed shuffle of 0 to 100: 37 has no factor in common with 101.
  for (let i = 0; i < 101; i++) watch(`i${i}`, ((i * 37) % 101) * 10)
  clock.advance(2_000)
  const moments = looks.map((look) => Number(look.split('@')[1]))
  expect(moments).toHaveLength(101)
  expect(moments).toEqual([...moments].sort((a, b) => a - b))
})

test('an item that went long before its deadline is not kept until then', () => {
  const { clock, looks, sweeper, watch } = open()
  watch('stays', 86_400_000)
  for (let i = 0; i < 1_000; i++) {
    watch(`goes ${i}`, 86_400_000 - i)
    sweeper.forget(`goes ${i}`)
  }
  expect(sweeper.kept).toBeLessThan(100)
  watch('soon', 1_000)
  clock.advance(1_001)
  expect(looks).toEqual(['soon@1001'])
  clock.advance(86_400_000)
  expect(looks).toContain('stays@86400001')
})
