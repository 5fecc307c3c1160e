import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createPresenceClient } from '@app/client'
import { createPresenceServer } from '@app/server'
import { expect, onTestFinished, test, vi } from 'vitest'
import { fences } from './pages.ts'
import { root } from './script.ts'

/* The recipe for a serverless page is tried as it stands there. */

const adminToken = 'an-admin-token-of-32-characters!'
const folder = join(root, 'test-results', 'serverless-recipe')

interface Recipe {
  GET(): Promise<Response>
  count(): Promise<number>
  bot(clientId?: number): Promise<number>
}

async function recipe(url: string): Promise<Recipe> {
  const code = fences.find(({ page }) => page === 'docs/recipes/serverless.md')?.code ?? ''
  mkdirSync(folder, { recursive: true })
  const path = join(folder, 'page.ts')
  writeFileSync(path, code.replaceAll('http://localhost:4400', url))
  onTestFinished(() => rmSync(path))
  return (await import(/* @vite-ignore */ path)) as Recipe
}

test('the page says who is online, and the bot is one of them for as long as it is called', async () => {
  const server = createPresenceServer({ adminToken })
  onTestFinished(() => server.close())
  const { url } = await server.listen({ port: 0 })
  vi.stubEnv('PRESENCE_ADMIN_TOKEN', adminToken)
  onTestFinished(() => void vi.unstubAllEnvs())
  const { GET, count, bot } = await recipe(url)
  const page = async () => (await GET()).text()

  expect(await page()).toBe('<h1>The report</h1><p>0 online: </p>')
  const grace = createPresenceClient({ url, user: { id: 'grace', name: '<b>Grace</b>' } })
  onTestFinished(() => grace.close())
  grace.presence('pr:report').track({})
  await expect.poll(count).toBe(1)
  expect(await page()).toBe('<h1>The report</h1><p>1 online: &#60;b&#62;Grace&#60;/b&#62;</p>')

  const clientId = await bot()
  expect(clientId).toBeLessThan(0)
  expect(await bot(clientId)).toBe(clientId)
  expect(await page()).toContain('2 online: &#60;b&#62;Grace&#60;/b&#62;, The indexer')
  server.removeEntry('pr:report', clientId)
  const another = await bot(clientId)
  expect(another).not.toBe(clientId)
  expect(server.count('pr:report')).toEqual({ users: 2, clients: 2 })

  vi.stubEnv('PRESENCE_ADMIN_TOKEN', `${adminToken}x`)
  await expect(GET()).rejects.toThrow('unauthorized: This asks for the admin token')
})
