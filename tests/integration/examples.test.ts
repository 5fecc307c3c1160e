import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createPresenceClient } from '@app/client'
import { expect, onTestFinished, test } from 'vitest'
import { root, runScript, serve } from './script.ts'

/*
 * The examples are documentation: short, and run as their first lines say, from what `npm run build` makes of them.
 */

const folder = join(root, 'examples')
const built = (name: string): string[] => [join(folder, 'dist', `${name}.js`)]

/** Runs an example to its end, against a server of its own, and gives back what it printed. */
async function run(name: string): Promise<string> {
  const script = runScript(process.execPath, built(name), { env: { PRESENCE_URL: await serve() } })
  const { code, output } = await script.ended
  expect(code, output).toBe(0)
  return output
}

test('an example is under sixty lines', () => {
  const sources = readdirSync(folder).filter((name) => /\.tsx?$/.test(name))
  expect(sources.length).toBeGreaterThan(0)
  for (const name of sources) {
    expect(readFileSync(join(folder, name), 'utf8').split('\n').length, name).toBeLessThan(60)
  }
})

test('who-is-there: two clients in one script', async () => {
  expect(await run('who-is-there')).toBe(
    ["Ada came with { status: 'drawing' }", 'Here: Ada', 'Ada went (left)', 'Here: nobody', ''].join('\n'),
  )
})

test('with-zod: a default is filled in, and what does not fit is refused', async () => {
  expect(await run('with-zod')).toMatch(/^red 4\nbad-data The data for "pr:atelier\/brushes" does not fit .*size/)
})

test('with-effect: a cursor comes and leaves', async () => {
  expect(await run('with-effect')).toBe('Ada is at 120, 340\nAda has left\n')
})

test('own-server: routes of its own, presence beside them, and an end on SIGTERM', async () => {
  const server = runScript(process.execPath, built('own-server'), { env: { PORT: '0', PRESENCE_DB: ':memory:' } })
  const [url = ''] = await server.says(/http:\S+/)
  expect(await (await fetch(url)).text()).toBe('A page of mine.\n')

  const stranger = createPresenceClient({ url })
  onTestFinished(() => stranger.close())
  stranger.onError(() => {})
  await expect(stranger.waitForConnected()).rejects.toMatchObject({ code: 'unauthorized' })

  const ada = createPresenceClient({ url, token: 'the-secret-of-ada' })
  onTestFinished(() => ada.close())
  ada.presence('pr:atelier').track('drawing')
  const who = async (): Promise<unknown> => (await fetch(`${url}/who`)).json()
  await expect.poll(who, { timeout: 10_000 }).toEqual([{ user: 'Ada', data: 'drawing' }])

  server.end()
  expect((await server.ended).code).toBe(0)
})
