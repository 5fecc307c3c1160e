import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { freePort } from './free-port.ts'

/** What the deployment page shows. */
const shipped = fileURLToPath(new URL('../../packages/server/deploy/nginx.conf', import.meta.url))
// Debian keeps nginx where only root looks.
const env = { PATH: `${process.env['PATH']}:/usr/sbin` }
const startMaxMs = 10_000

export const hasNginx =
  spawnSync('nginx', ['-v'], { env }).status === 0 && spawnSync('openssl', ['version']).status === 0
if (!hasNginx)
  console.warn('Skipped what needs nginx and openssl, which are not here. Debian: apt-get install nginx openssl')

export interface NginxOptions {
  /** Where its servers listen: the one that runs, and the one that takes over. */
  readonly ports: readonly [first: number, second: number]
  /** Where the pages are. */
  readonly root?: string
  /** Its own timeouts. Default: as shipped. */
  readonly timeout?: string
  /** What stands around the shipped file. */
  readonly around?: string
}

/** A real nginx with the file that we ship, for `https://localhost` on a free port. Ended by who started it. */
export class Nginx {
  readonly port: number
  readonly directory: string
  /** The certificate that it shows, which it has signed itself. */
  readonly certificate: string
  readonly #child: ChildProcess

  private constructor(port: number, directory: string, child: ChildProcess) {
    this.port = port
    this.directory = directory
    this.certificate = join(directory, 'fullchain.pem')
    this.#child = child
  }

  static async start({ ports, root = '/var/empty', timeout = '60s', around = '' }: NginxOptions): Promise<Nginx> {
    const directory = mkdtempSync(join(tmpdir(), 'presence-nginx-'))
    const port = await freePort()
    makeCertificate(directory)
    const conf = replaceAll(readFileSync(shipped, 'utf8'), [
      ['127.0.0.1:4400', `127.0.0.1:${ports[0]}`],
      ['127.0.0.1:4401', `127.0.0.1:${ports[1]}`],
      ['listen 80;', `listen 127.0.0.1:${await freePort()};`],
      ['listen 443 ssl;', `listen 127.0.0.1:${port} ssl;`],
      ['/etc/ssl/presence', directory],
      ['presence.example', 'localhost'],
      ['/var/www/app', root],
      ['_timeout 60s', `_timeout ${timeout}`],
    ])
    writeFileSync(join(directory, 'presence.conf'), conf)
    writeFileSync(join(directory, 'nginx.conf'), wholeOf(directory, around))
    const child = spawn('nginx', ['-p', directory, '-c', join(directory, 'nginx.conf')], { env, stdio: 'ignore' })
    const nginx = new Nginx(port, directory, child)
    try {
      await nginx.#listens()
    } catch (error) {
      await nginx.end()
      throw error
    }
    return nginx
  }

  get url(): string {
    return `https://localhost:${this.port}`
  }

  /** What it wrote of each request. */
  get log(): string {
    return readFileSync(join(this.directory, 'access.log'), 'utf8')
  }

  /** Reads its files anew, as for a new certificate; resolves when it has other processes for who comes now. */
  async reload(): Promise<void> {
    const workers = (): number => this.#errors().split('start worker process ').length
    const before = workers()
    this.#child.kill('SIGHUP')
    while (workers() === before) await sleep(10)
  }

  async end(): Promise<void> {
    const { exitCode, signalCode } = this.#child
    this.#child.kill('SIGTERM')
    if (exitCode === null && signalCode === null) await once(this.#child, 'exit')
    rmSync(this.directory, { recursive: true, force: true })
  }

  #errors(): string {
    return readFileSync(join(this.directory, 'error.log'), 'utf8')
  }

  async #listens(): Promise<void> {
    for (const untilMs = Date.now() + startMaxMs; !(await canConnect(this.port)); await sleep(20))
      if (this.#child.exitCode !== null || Date.now() > untilMs)
        throw new Error(`nginx does not run:\n${this.#errors()}`)
  }
}

/** What Debian's nginx.conf does around what is in conf.d, with all that is written in a directory of its own. */
function wholeOf(directory: string, around: string): string {
  const paths = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (name) => `${name}_temp_path ${directory}/${name};`,
  )
  // The pages, and the directory, may be such as only who runs the test can read.
  const user = process.getuid?.() === 0 ? 'user root;' : ''
  return `${user}
daemon off;
pid ${directory}/nginx.pid;
error_log ${directory}/error.log notice;
events {}
http {
  types { text/html html; text/css css; text/javascript js; image/svg+xml svg; }
  access_log ${directory}/access.log;
  ${paths.join('\n  ')}
  ${around}
  include ${directory}/presence.conf;
}
`
}

function replaceAll(text: string, changes: readonly (readonly [what: string, by: string])[]): string {
  return changes.reduce((changed, [what, by]) => {
    if (!changed.includes(what)) throw new Error(`${shipped} has no "${what}" any more.`)
    return changed.replaceAll(what, by)
  }, text)
}

function makeCertificate(directory: string): void {
  const names = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost']
  const out = ['-keyout', join(directory, 'privkey.pem'), '-out', join(directory, 'fullchain.pem')]
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']
  const { status, stderr } = spawnSync('openssl', ['req', '-x509', ...key, ...names, ...out], { encoding: 'utf8' })
  if (status !== 0) throw new Error(`openssl made no certificate:\n${stderr}`)
}

/** Whether somebody listens there. */
export function canConnect(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => resolve(true))
    socket.once('connect', () => socket.destroy())
    socket.once('error', () => resolve(false))
  })
}
