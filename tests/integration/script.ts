import { spawn } from 'node:child_process'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createPresenceServer } from '@app/server'
import { onTestFinished } from 'vitest'

export const root = join(import.meta.dirname, '..', '..')

/** A program that runs, and what it has said so far. */
export interface Script {
  /** Resolves with what it says once that matches; rejects when it ends before. */
  says(pattern: RegExp): Promise<RegExpExecArray>
  /** Asks it to end. */
  end(): void
  /** Resolves when it has ended. */
  readonly ended: Promise<{ readonly code: number | null; readonly output: string }>
}

/** Runs a program in the way its reader would; it is killed when the test ends. */
export function runScript(
  command: string,
  args: readonly string[],
  { env, cwd = tmpdir() }: { env?: Record<string, string>; cwd?: string } = {},
): Script {
  // A group of its own, so that what it started ends with it.
  const environment = { ...process.env, NODE_ENV: undefined, VITEST: undefined, ...env }
  const child = spawn(command, args, { cwd, env: environment, detached: true })
  let output = ''
  const waiting = new Set<() => void>()
  const hear = (chunk: Buffer): void => {
    output += chunk.toString()
    for (const look of waiting) look()
  }
  child.stdout.on('data', hear)
  child.stderr.on('data', hear)
  const ended: Script['ended'] = new Promise((resolve) => child.on('close', (code) => resolve({ code, output })))
  const signal = (name: NodeJS.Signals): void => {
    if (child.exitCode === null && child.signalCode === null && child.pid) process.kill(-child.pid, name)
  }
  onTestFinished(() => signal('SIGKILL'))
  return {
    ended,
    end: () => signal('SIGTERM'),
    says: (pattern) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          const found = pattern.exec(output)
          if (found) resolve(found)
        }
        waiting.add(look)
        look()
        void ended.then(({ code }) => reject(new Error(`It ended with ${code} and never said ${pattern}:\n${output}`)))
      }),
  }
}

/** A presence server on a free port of this machine, as `presence-server` runs it without options. Resolves with its address. */
export async function serve(): Promise<string> {
  const server = createPresenceServer()
  onTestFinished(() => server.close())
  const { url } = await server.listen({ port: 0 })
  return url
}
