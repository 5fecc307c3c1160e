import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'

const bin = fileURLToPath(new URL('../../packages/server/bin/presence-server.mjs', import.meta.url))

/** The program, as an operator runs it. */
export interface Program {
  readonly process: ChildProcessWithoutNullStreams
  /** Resolves with the address once it has said so; rejects with what it said instead. */
  readonly listening: Promise<string>
  /** Resolves when it has ended. */
  readonly ended: Promise<{
    readonly code: number | null
    readonly signal: string | null
    readonly out: string
    readonly err: string
  }>
}

/** An empty directory that is gone when the test ends. */
export function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'presence-'))
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
  return directory
}

/** Runs `presence-server` in a directory of its own; it is killed when the test ends. */
export function runProgram(
  args: readonly string[],
  { cwd, env = {} }: { cwd?: string; env?: Record<string, string> } = {},
): Program {
  const child = spawn(process.execPath, [bin, ...args], {
    cwd: cwd ?? temporaryDirectory(),
    env: { PATH: process.env['PATH'], ...env },
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  let out = ''
  let err = ''
  child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()))
  const ended: Program['ended'] = new Promise((resolve) => {
    child.on('close', (code, signal) => resolve({ code, signal, out, err }))
  })
  const listening = new Promise<string>((resolve, reject) => {
    child.stdout.on('data', (chunk: Buffer) => {
      out += chunk.toString()
      const url = /listening on (\S+)/.exec(out)?.[1]
      if (url !== undefined) resolve(url)
    })
    void ended.then(({ code }) => reject(new Error(`presence-server ended with ${code}: ${err}`)))
  })
  listening.catch(() => {})
  return { process: child, listening, ended }
}
