import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { PeerName } from './names.ts'
import type { Peer, Serve } from './peer.ts'
import { openSocket } from './socket.ts'

/*
 * Servers of others are installed apart, and only when they are asked for: they bring more packages than all of ours need.
 * So their files cannot be part of this program's types either.
 */

const folder = new URL('../../peers/', import.meta.url)

export async function foreignServer(name: PeerName): Promise<{ serve: Serve }> {
  return (await import(new URL(`${name}-server.mjs`, folder).href)) as { serve: Serve }
}

export async function foreignClient(name: PeerName): Promise<Peer> {
  const { createPeer } = (await import(new URL(`${name}-client.mjs`, folder).href)) as {
    readonly createPeer: (open: typeof openSocket) => Peer
  }
  return createPeer(openSocket)
}

/** Makes sure that they are there; says in one sentence why not. */
export function installForeign(): string | undefined {
  const lock = readFileSync(new URL('package-lock.json', folder), 'utf8')
  const stamp = new URL('node_modules/.installed', folder)
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === lock) return undefined
  console.error('Installing the servers of others (npm ci in apps/bench/peers)')
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm'
  // What npm tells its scripts about the project would make it install there.
  const env = Object.fromEntries(Object.entries(process.env).filter(([key]) => !/^npm_/i.test(key)))
  const { status, stderr } = spawnSync(npm, ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], {
    cwd: fileURLToPath(folder),
    encoding: 'utf8',
    env,
  })
  if (status !== 0) return `They are left out, since npm ci failed: ${stderr.trim().split('\n').at(-1) ?? status}`
  writeFileSync(stamp, lock)
  return undefined
}
