import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { freePort } from './free-port.ts'
import { settings } from './scale.ts'

/** The program. */
export const bin = fileURLToPath(new URL('../../packages/server/bin/presence-server.mjs', import.meta.url))
// A machine that is busy with other tests, too.
const startMaxMs = 20_000

export interface ServerOptions {
  /** What its config file says beside the settings of this run. */
  readonly config?: Readonly<Record<string, unknown>>
  /** A module that is loaded before the program, in its process: it can be sent messages. */
  readonly preload?: string
}

/** Where it runs, if not on a port and with a database of its own. */
interface Place {
  readonly port?: number
  readonly file?: string
}

/** `presence-server` in a process of its own, with a database, on a port that it keeps. Ended by who started it. */
export class RealServer {
  readonly port: number
  readonly directory = mkdtempSync(join(tmpdir(), 'presence-world-'))
  readonly file: string
  /** All that it has said, from its first start on. */
  log = ''
  /** How it ended whenever nobody had asked it to. */
  readonly crashes: string[] = []
  #process: ChildProcess | undefined

  private constructor(port: number, file: string | undefined) {
    this.port = port
    this.file = file ?? join(this.directory, 'presence.db')
  }

  static async start({ port, file, ...options }: ServerOptions & Place = {}): Promise<RealServer> {
    const server = new RealServer(port ?? (await freePort()), file)
    try {
      await server.start(options)
    } catch (error) {
      await server.remove()
      throw error
    }
    return server
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`
  }

  get pid(): number {
    const pid = this.#process?.pid
    if (pid === undefined) throw new Error('The server does not run.')
    return pid
  }

  get isRunning(): boolean {
    return this.#process !== undefined
  }

  /** Starts it, with the database that it had. Resolves when it listens. */
  async start({ config = {}, preload }: ServerOptions = {}): Promise<void> {
    const { heldTtlMinMs, graceMs, persistMs } = settings
    const path = join(this.directory, 'presence.config.mjs')
    writeFileSync(path, `export default ${JSON.stringify({ heldTtlMinMs, graceMs, persistMs, ...config })}\n`)
    const args = [...(preload === undefined ? [] : ['--import', preload]), bin]
    const child = spawn(process.execPath, [...args, '--port', String(this.port), '--db', this.file, '--config', path], {
      cwd: this.directory,
      env: { PATH: process.env['PATH'] },
      stdio: ['ignore', 'pipe', 'pipe', ...(preload === undefined ? [] : (['ipc'] as const))],
    })
    this.#process = child
    child.once('exit', (code, signal) => {
      if (this.#process !== child) return
      this.#process = undefined
      this.crashes.push(`ended with ${code ?? signal}: ${this.log.slice(-2_000)}`)
    })
    await new Promise<void>((resolve, reject) => {
      const from = this.log.length
      const fail = (why: string) => reject(new Error(`presence-server ${why}:\n${this.log.slice(from)}`))
      const late = setTimeout(() => fail('did not listen in time'), startMaxMs)
      const hear = (chunk: Buffer): void => {
        this.log += chunk.toString()
        if (!/listening on/.test(this.log.slice(from))) return
        clearTimeout(late)
        resolve()
      }
      child.stdout?.on('data', hear)
      child.stderr?.on('data', hear)
      child.once('close', (code, signal) => {
        clearTimeout(late)
        fail(`ended with ${code ?? signal}`)
      })
    })
  }

  /** Says something to what was preloaded. */
  tell(message: object): void {
    this.#process?.send?.(message)
  }

  /** It stands still, as a virtual machine does that is moved. */
  pause(): void {
    process.kill(this.pid, 'SIGSTOP')
  }

  resume(): void {
    process.kill(this.pid, 'SIGCONT')
  }

  /** It ends in the middle of whatever it does. */
  kill(): Promise<void> {
    return this.#end('SIGKILL')
  }

  /** It ends as an operator ends it. */
  stop(): Promise<void> {
    return this.#end('SIGTERM')
  }

  /** Ends it, and removes what it kept. */
  async remove(): Promise<void> {
    await this.kill()
    rmSync(this.directory, { recursive: true, force: true })
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#process
    if (!child) return
    this.#process = undefined
    child.kill(signal)
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
  }
}
