import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('../..', import.meta.url))

// On POSIX every child leads a group of its own, so that what it started can be ended with it.
const hasGroups = process.platform !== 'win32'
const graceMs = 10_000
const running = new Set()

function signal(child, name) {
  try {
    if (hasGroups) process.kill(-child.pid, name)
    else child.kill(name)
  } catch (error) {
    if (error.code !== 'ESRCH') throw error
  }
}

/** Starts a program in the project's root; its whole tree can be ended by `endAll`. */
export function start(command, args = [], { env, cwd = root, stdio = ['ignore', 'inherit', 'inherit'] } = {}) {
  const child = spawn(command, args, { cwd, stdio, detached: hasGroups, env: { ...process.env, ...env } })
  running.add(child)
  child.done = Promise.race([
    once(child, 'close').then(([code, by]) => ({ code: code ?? 1, signal: by })),
    once(child, 'error').then(([error]) => ({ code: 127, error })),
  ]).finally(() => running.delete(child))
  return child
}

/** Runs a program to its end. With `quiet` its output is kept and given back instead of shown. */
export async function run(command, args = [], { quiet = false, timeoutMs, ...options } = {}) {
  const child = start(command, args, {
    ...options,
    stdio: ['ignore', quiet ? 'pipe' : 'inherit', quiet ? 'pipe' : 'inherit'],
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => (output += chunk))
  const timer = timeoutMs === undefined ? undefined : setTimeout(() => signal(child, 'SIGKILL'), timeoutMs)
  const { code, error } = await child.done
  clearTimeout(timer)
  return { code, output: error ? `${command}: ${error.message}` : output }
}

/** Ends every program we started, and what they started; waits until they are gone. */
export async function endAll(name = 'SIGTERM') {
  const children = [...running]
  for (const child of children) signal(child, name)
  const gone = Promise.all(children.map((child) => child.done))
  await Promise.race([gone, sleep(graceMs, undefined, { ref: false })])
  // A leader that has gone may have left others of its group behind.
  for (const child of children) signal(child, 'SIGKILL')
  await gone
}

// npm passes a signal on to its shell, which ends without telling us; this is how we notice.
const parentLookMs = 250

/** On Ctrl-C, a request to end, or the end of the npm that runs us: ends the tree, then this process with `code`. */
export function endWithUs(code) {
  let ending = false
  const end = (name) => {
    // A terminal and npm may both tell us of one Ctrl-C.
    if (ending) return
    ending = true
    void endAll(name).finally(() => process.exit(code))
  }
  process.on('SIGINT', () => end('SIGINT'))
  process.on('SIGTERM', () => end('SIGTERM'))
  process.on('SIGHUP', () => end('SIGTERM'))

  const parent = process.ppid
  if (process.env.npm_lifecycle_event === undefined) return
  setInterval(() => process.ppid !== parent && end('SIGTERM'), parentLookMs).unref()
}
