import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { createPresenceClient } from '@app/client'
import { expect, onTestFinished, test } from 'vitest'
import { fences } from './pages.ts'
import { runProgram, temporaryDirectory, type Program } from './program.ts'
import { root } from './script.ts'

/*
 * What docs/deployment.md says of one machine: the unit, the backup and the way back. What it says of nginx, and of restarts, is
 * in tests/world/nginx.test.ts.
 */

const deploy = join(root, 'packages/server/deploy')
const unit = readFileSync(join(deploy, 'presence@.service'), 'utf8')
const has = (command: string): boolean => spawnSync(command, ['--version']).status === 0

/** All that the unit says under a name. */
const said = (name: string): readonly string[] =>
  [...unit.matchAll(new RegExp(`^${name}=(.*)$`, 'gm'))].map(([, value = '']) => value)

/** Lines of `NAME=value`, as systemd reads them. */
const variables = (lines: readonly string[]): Record<string, string> =>
  Object.fromEntries(lines.filter((line) => /^\w+=/.test(line)).map((line) => line.split(/=(.*)/s).slice(0, 2)))

// ── The unit ──

test('systemd knows all that the unit says, and finds nothing wrong with it', ({ skip }) => {
  if (!has('systemd-analyze')) skip('there is no systemd-analyze (Debian: apt-get install systemd)')
  const file = join(temporaryDirectory(), 'presence@4400.service')
  // What is started is looked for, so it is something that is here.
  writeFileSync(file, unit.replace('/usr/bin/node', process.execPath))
  const { status, stdout, stderr } = spawnSync('systemd-analyze', ['verify', '--man=no', file], { encoding: 'utf8' })
  expect({ status, said: stdout + stderr }).toEqual({ status: 0, said: '' })
})

test('the unit starts a server for users with tokens, and ends it well within the time that it is given', async () => {
  const state = temporaryDirectory()
  mkdirSync(join(state, 'presence'))
  const here = (text: string): string => text.replaceAll('%i', '0').replaceAll('%S', state)
  const [command = ''] = said('ExecStart')
  expect(existsSync(join(root, command.replace(/^.*\/@app\//, 'packages/').replace(/ .*/, '')))).toBe(true)
  const secrets = readFileSync(join(deploy, 'presence.env'), 'utf8')
  const env = { ...variables(said('Environment').map(here)), ...variables(secrets.split('\n')) }

  const refused = await runProgram([], { env }).ended
  expect(refused).toMatchObject({
    code: 1,
    err: expect.stringContaining('PRESENCE_JWT_SECRET is set and empty') as string,
  })

  const program = runProgram([], {
    env: { ...env, PRESENCE_JWT_SECRET: 'x'.repeat(64) },
    cwd: here(said('WorkingDirectory').join()),
  })
  const url = await program.listening
  expect((await fetch(`${url}/healthz`)).status).toBe(200)
  const toldAtMs = performance.now()
  program.process.kill(said('KillSignal')[0] as NodeJS.Signals)
  expect(await program.ended).toMatchObject({ code: 0, out: expect.stringContaining('authenticated users') as string })
  expect(performance.now() - toldAtMs).toBeLessThan(Number(said('TimeoutStopSec')) * 1_000 - 10_000)
  expect(existsSync(join(state, 'presence', 'presence.db'))).toBe(true)
})

// ── The image ──

test('what the Dockerfile copies is there', () => {
  const file = readFileSync(join(deploy, 'Dockerfile'), 'utf8')
  const copied = [...file.matchAll(/^COPY --from=build \/presence\/(\S+) (\S+)$/gm)].map(([, from, to]) => [from, to])
  expect(copied).toEqual(['node_modules', 'packages/protocol', 'packages/server'].map((path) => [path, path]))
  const named = [...file.matchAll(/packages\/[\w./-]+/g)].map(([path]) => path)
  for (const path of named) expect(existsSync(join(root, path)), path).toBe(true)
  // All that it builds from is in what it is given.
  const ignored = readFileSync(join(deploy, 'Dockerfile.dockerignore'), 'utf8').trim().split('\n')
  for (const path of ignored) expect(path).toMatch(/^(\.git|\*\*\/[\w*.-]+)$/)
})

// ── The database ──

/** The server's own SQLite. */
const Database = createRequire(join(root, 'packages/server/package.json'))('better-sqlite3') as new (file: string) => {
  pragma(text: string): unknown
  close(): void
}

/** Runs the commands of the page that begin so, with other files. */
function runOfPage(beginning: string, file: string, copy: string): void {
  const lines = fences
    .filter(({ page }) => page === 'docs/deployment.md')
    .flatMap(({ code }) => code.split('\n'))
    .filter((line) => line.startsWith(beginning))
    .map((line) => line.replaceAll('/var/lib/presence/presence.db', file).replaceAll('/var/backups/presence.db', copy))
  const { status, stderr } = spawnSync('sh', ['-ec', lines.join('\n')], { encoding: 'utf8' })
  if (lines.length === 0 || status !== 0) throw new Error(`${lines.join('\n')} ended with ${status}: ${stderr}`)
}

const start = (file: string): Program => runProgram(['--port', '0', '--db', file, '--restart', 'resume'])

async function stop(program: Program): Promise<void> {
  program.process.kill('SIGTERM')
  await program.ended
}

/** Who is in the room, as somebody sees it who comes. */
async function whoIsThere(url: string): Promise<readonly unknown[]> {
  const client = createPresenceClient({ url })
  onTestFinished(() => client.close())
  const room = client.presence('pr:atelier')
  room.value()
  await expect.poll(() => room.status, { timeout: 10_000 }).toBe('live')
  const data = [...room.value().values()].map((entry) => entry.data)
  client.close()
  return data
}

test('[R3] a backup of a running server has who is there, and is the way back after a newer program had the file', async ({
  skip,
}) => {
  if (!has('sqlite3')) skip('there is no sqlite3 (Debian: apt-get install sqlite3)')

  const directory = temporaryDirectory()
  const file = join(directory, 'presence.db')
  const copy = join(directory, 'backup.db')
  const running = start(file)
  const client = createPresenceClient({ url: await running.listening })
  onTestFinished(() => client.close())
  const room = client.presence('pr:atelier')
  room.heartbeat('here', 600_000)
  // Written a second later at most.
  const kept = (): boolean => {
    runOfPage('sqlite3 ', file, copy)
    return readFileSync(copy).includes('"here"')
  }
  await expect.poll(kept, { timeout: 10_000 }).toBe(true)
  room.leave()
  client.close()
  await stop(running)

  const newer = new Database(file)
  newer.pragma('user_version = 99')
  newer.close()
  const refused = await start(file).ended
  expect(refused.code).toBe(1)
  expect(refused.out).toBe('')
  expect(refused.err).toMatch(
    /^presence-server: The database ".*" cannot be used: it was written by a newer version .*\n$/,
  )

  for (const command of ['cp ', 'rm ']) runOfPage(command, file, copy)
  const again = start(file)
  expect(await whoIsThere(await again.listening)).toEqual(['here'])
  await stop(again)
})
