import { randomBytes } from 'node:crypto'
import { io, type Socket } from 'socket.io-client'
import { countCosts, type Costs } from './costs.ts'
import { expect, test } from './fixtures.ts'

const people = 100
const everyMs = 1_000 / 30
const forMs = 10_000

/** Stock clients that put a cursor and listen to nobody: a hundred who listened would be what is measured. */
function connectCrowd(url: string): Socket[] {
  return Array.from({ length: people }, (_, at) =>
    io(url, {
      transports: ['websocket'],
      forceNew: true,
      reconnection: false,
      auth: { v: 1, clientId: at + 1, secret: randomBytes(16).toString('hex'), user: { id: `guest-${at}` } },
    }),
  )
}

function moveAll(crowd: readonly Socket[], step: number): void {
  for (const [at, socket] of crowd.entries()) {
    // Never back where it began: some machines make a step more than others.
    const position = { x: at / people, y: (step % 1_000) / 1_000 }
    socket.emit('p', [['pr:atelier/cursors', step + 1, 30_000, 1, position]])
  }
}

test('100 cursors that move 30 times a second for ten seconds cost no commit', async ({ openTab, server }) => {
  const ada = await openTab('Ada', { prepare: async (page) => void (await page.addInitScript(countCosts)) })
  const costs = () => ada.page.evaluate(() => structuredClone((window as unknown as { costs: Costs }).costs))
  const places = () => ada.cursors.evaluateAll((marks) => marks.map((mark) => (mark as HTMLElement).style.transform))
  const crowd = connectCrowd(server.url)
  try {
    await Promise.all(crowd.map((socket) => new Promise<void>((resolve) => socket.once('hello', () => resolve()))))
    moveAll(crowd, 0)
    await expect(ada.cursors).toHaveCount(people, { timeout: 30_000 })
    const [before, placesBefore] = [await costs(), await places()]

    const startedAtMs = performance.now()
    let step = 0
    const timer = setInterval(() => {
      const due = Math.floor((performance.now() - startedAtMs) / everyMs)
      while (step < due) moveAll(crowd, ++step)
    }, everyMs / 2)
    // It looks from within the page: who asks from outside wakes it with every question.
    const shown = await ada.page.evaluate(async (lastsMs) => {
      const mark = document.querySelector<HTMLElement>('[data-testid="board"] [data-client-id]')
      const seen = new Set<string>()
      const endsAtMs = performance.now() + lastsMs
      while (performance.now() < endsAtMs) {
        await new Promise(requestAnimationFrame)
        seen.add(mark?.style.transform ?? '')
      }
      return seen.size
    }, forMs)
    clearInterval(timer)

    const [after, placesAfter] = [await costs(), await places()]
    const commits = after.commits - before.commits
    const longTasksMs = after.longTasksMs.slice(before.longTasksMs.length)
    const report = `${step} moves of each, ${shown} places shown of one, ${commits} commits, ${longTasksMs.length} long tasks`
    test.info().annotations.push({ type: 'cost', description: report })
    console.log(`100 cursors, ${forMs / 1_000} s: ${report}${longTasksMs.map((ms) => `, ${ms} ms`).join('')}`)
    expect(placesAfter.filter((place, at) => place !== placesBefore[at])).toHaveLength(people)
    expect(commits).toBe(0)
  } finally {
    for (const socket of crowd) socket.disconnect()
  }
})
