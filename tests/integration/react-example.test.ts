// @vitest-environment jsdom
import { createElement } from 'react'
import { createRoot } from 'react-dom/client'
import { createPresenceClient } from '@app/client'
import { expect, onTestFinished, test } from 'vitest'
import { App } from '../../examples/dist/Room.js'
import { serve } from './script.ts'

const soon = { timeout: 10_000 }

test('Room: who is here, how they are, their cursors, and who is typing', async () => {
  const url = await serve()
  const container = document.body.appendChild(document.createElement('div'))
  const root = createRoot(container)
  onTestFinished(() => root.unmount())
  root.render(createElement(App, { url, name: 'Ada', room: 'pr:atelier' }))
  const page = () => container.textContent
  await expect.poll(page, soon).toContain('1 hereAda is curious')

  const grace = createPresenceClient({ url, user: { id: 'grace', name: 'Grace' } })
  onTestFinished(() => grace.close())
  grace.presence('pr:atelier').track({ mood: 'busy' })
  grace.presence('pr:atelier/typing').heartbeat(true, 6_000)
  grace.presence('pr:atelier/cursors').track({ x: 0.5, y: 0.5 })
  await expect.poll(page, soon).toContain('2 hereAda is curious')
  await expect.poll(page, soon).toContain('Grace is busy')
  await expect.poll(page, soon).toContain('Grace is typing')
  await expect.poll(() => container.querySelector('[data-user-id="grace"]'), soon).not.toBeNull()

  container.querySelector('button')?.click()
  const moods = () => [...grace.presence('pr:atelier').value().values()].map(({ data }) => data)
  await expect.poll(moods, soon).toContainEqual({ mood: 'happy' })

  grace.close()
  await expect.poll(page, soon).toMatch(/^1 here/)
})
