import { execFile } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { runScript, root } from './script.ts'
import { temporaryDirectory } from './program.ts'

/** The names of the packages that others install, after `@app/`. */
export const published = ['protocol', 'client', 'react', 'server']

/** What we read of a `package.json`. */
export interface Manifest {
  readonly name: string
  readonly version: string
  readonly dependencies?: Readonly<Record<string, string>>
  readonly devDependencies?: Readonly<Record<string, string>>
  readonly bin?: Readonly<Record<string, string>>
}

/** Runs a command to its end and gives back what it said; rejects with that where it failed. */
export async function runToEnd(command: string, args: readonly string[], cwd: string): Promise<string> {
  const { code, output } = await runScript(command, args, { cwd }).ended
  if (code !== 0) throw new Error(`${command} ${args.join(' ')}\n${output}`)
  return output
}

/** Packs what is published into a folder. */
export async function pack(folder: string): Promise<void> {
  const workspaces = published.flatMap((name) => ['-w', `packages/${name}`])
  const args = ['pack', '--silent', '--ignore-scripts', '--pack-destination', folder, ...workspaces]
  await promisify(execFile)('npm', args, { cwd: root })
}

/** Where npm installed `name` for `workspace`: in its own folder, where it may not share a version with the others. */
function installed(name: string, workspace: string): string {
  const own = join(root, workspace, 'node_modules', name)
  return existsSync(own) ? own : join(root, 'node_modules', name)
}

function link(target: string, path: string): void {
  mkdirSync(dirname(path), { recursive: true })
  symlinkSync(target, path)
}

/**
 * An empty application with the packages as npm would install them from their tarballs, and beside them what it asked for
 * itself. Nothing is fetched: each package finds the dependencies that it names, and no other, in the versions that this
 * repository tests it with. Peers are the application's.
 */
export async function installPacked(tarballs: string, own: readonly string[]): Promise<string> {
  const app = temporaryDirectory()
  for (const name of published) {
    const folder = join(app, 'node_modules/@app', name)
    const tarball = readdirSync(tarballs).find((file) => file.startsWith(`app-${name}-`))
    mkdirSync(folder, { recursive: true })
    await runToEnd('tar', ['-xzf', join(tarballs, `${tarball}`), '--strip-components=1', '-C', folder], app)
    const { dependencies = {}, bin = {} } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest
    for (const dependency of Object.keys(dependencies)) {
      if (dependency.startsWith('@app/')) continue
      link(installed(dependency, `packages/${name}`), join(folder, 'node_modules', dependency))
    }
    for (const [command, file] of Object.entries(bin)) {
      chmodSync(join(folder, file), 0o755)
      link(join(folder, file), join(app, 'node_modules/.bin', command))
    }
  }
  for (const name of own) link(installed(name, 'tests'), join(app, 'node_modules', name))
  return app
}
