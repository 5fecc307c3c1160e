import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { createPresenceServer, Identity } from '@app/server'
import { onTestFinished } from 'vitest'

/** How a server stands. */
export interface Standing {
  readonly connections: number
  readonly rooms: number
  readonly entries: number
  readonly sockets: number
  readonly timers: number
  /** What it holds in memory; `tidy` collects its garbage first. */
  readonly megabytes: number
  /** Whether something was added to the prototypes that all objects share. */
  readonly isPolluted: boolean
  /** What it logged as an error. */
  readonly errors: readonly string[]
}

/** A server in a process of its own, so that it can fall without the test, and its sockets and timers are only its own. */
export interface Served {
  readonly port: number
  readonly url: string
  /** Rejects when it has ended. */
  look(how?: 'tidy'): Promise<Standing>
}

type Options = Omit<NonNullable<Parameters<typeof createPresenceServer>[0]>, 'auth' | 'store' | 'logger'> & {
  /** Who has which token; without it, clients say who they are. */
  readonly tokens?: Readonly<Record<string, Identity>>
  /** A SQLite file. */
  readonly db?: string
}

const program = fileURLToPath(new URL('served.mjs', import.meta.url))

/** Starts it; it ends with the test. */
export async function serveApart(options: Options = {}): Promise<Served> {
  const child = fork(program, [JSON.stringify(options)], { execArgv: ['--expose-gc'], stdio: 'pipe' })
  onTestFinished(() => void child.kill('SIGKILL'))
  let said = ''
  child.stdout?.on('data', (chunk: Buffer) => (said += chunk.toString()))
  child.stderr?.on('data', (chunk: Buffer) => (said += chunk.toString()))
  const ended = new Promise<never>((_resolve, reject) => {
    child.once('close', (code, signal) => reject(new Error(`The server ended with ${code ?? signal}:\n${said}`)))
  })
  ended.catch(() => {})
  const heard = new Map<number, (seen: Standing) => void>()
  let asked = 0
  const port = await Promise.race([
    ended,
    new Promise<number>((resolve) => {
      child.on('message', (message: number | [number, Standing]) => {
        if (typeof message === 'number') return resolve(message)
        heard.get(message[0])?.(message[1])
        heard.delete(message[0])
      })
    }),
  ])
  const look = (how?: 'tidy'): Promise<Standing> => {
    const id = ++asked * (how === 'tidy' ? -1 : 1)
    const seen = new Promise<Standing>((resolve) => heard.set(id, resolve))
    child.send(id, () => {})
    return Promise.race([ended, seen])
  }
  return { port, url: `http://127.0.0.1:${port}`, look }
}
