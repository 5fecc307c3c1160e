import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { pathToFileURL } from 'node:url'
import { describe, expect, test } from 'vitest'
import { presenceErrorCodes } from '@app/protocol'
import { checkOptions } from '../../packages/server/src/server-options.ts'
import { fences, pages, projectFiles, promisedOutput, type Fence } from './pages.ts'
import { runProgram, temporaryDirectory } from './program.ts'
import { root, runScript, serve } from './script.ts'

/*
 * What the documentation says is tried: its code is compiled against the built packages and run, its commands are run,
 * and the files, flags and variables that it names exist.
 */

const where = ({ page, line }: Fence): string => `${page}:${line}`
const kind = ({ info }: Fence): string => info.split(' ', 1)[0] ?? ''
const isQuoted = ({ info }: Fence): boolean => info.includes(' from ')
// Declarations, which a script takes out of what is compiled.
const isReference = ({ page }: Fence): boolean => page.startsWith('docs/reference/')
const code = fences.filter((fence) => ['ts', 'tsx'].includes(kind(fence)) && !isQuoted(fence) && !isReference(fence))
const commands = fences
  .filter((fence) => kind(fence) === 'sh')
  .flatMap((fence) => fence.code.split('\n').map((line) => ({ line: line.replace(/(^|\s)#.*$/, '').trim(), fence })))
  .filter(({ line }) => line !== '')

test('every block is of a kind that is tried, or is to be read only', () => {
  for (const fence of fences)
    expect(['ts', 'tsx', 'js', 'sh', 'text', 'ini', 'nginx', ''], where(fence)).toContain(kind(fence))
})

test.each(fences.filter(isQuoted).map((fence) => [where(fence), fence] as const))(
  '%s is the file that it comes from, which others try',
  (_, { info, code: quoted }) => {
    expect(quoted).toBe(readFileSync(join(root, info.split(' from ')[1] ?? ''), 'utf8'))
  },
)

// ── Code ──

interface Config {
  readonly compilerOptions: Record<string, unknown>
  readonly references: readonly { readonly path: string }[]
}

const folder = join(root, 'test-results', 'docs')
const fileOf = (fence: Fence): string =>
  `${fence.page.replace(/\.md$/, '').replaceAll('/', '-')}-${fence.line}.${kind(fence)}`

let compiled: ReturnType<typeof compile> | undefined

/** Compiles all of it, once: what is `apart` as a program of its own, because what it declares holds for all of a program. */
async function compile(): Promise<{ readonly code: number | null; readonly output: string }> {
  for (const each of [folder, `${folder}-apart`]) rmSync(each, { recursive: true, force: true })
  // As the examples are, and with what a bundler knows beside: that a stylesheet can be imported.
  const config = JSON.parse(readFileSync(join(root, 'examples', 'tsconfig.json'), 'utf8')) as Config
  const isApart = ({ info }: Fence): boolean => info.endsWith(' apart')
  const programs = [code.filter((fence) => !isApart(fence)), ...code.filter(isApart).map((fence) => [fence])]
  const folders = programs.map((program, at) => {
    const here = at === 0 ? folder : join(`${folder}-apart`, String(at))
    mkdirSync(here, { recursive: true })
    for (const fence of program) writeFileSync(join(here, fileOf(fence)), fence.code)
    const up = relative(here, root)
    writeFileSync(
      join(here, 'tsconfig.json'),
      JSON.stringify({
        ...config,
        extends: join(up, 'tsconfig.base.json'),
        compilerOptions: { ...config.compilerOptions, types: ['node', 'react', 'vite/client'] },
        references: config.references.map(({ path }) => ({ path: join(up, 'examples', path) })),
      }),
    )
    return here
  })
  const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc')
  return runScript(process.execPath, [tsc, '-b', ...folders]).ended
}

describe('code', { timeout: 60_000 }, () => {
  test('is compiled, as an application would be', async () => {
    expect(await (compiled ??= compile())).toEqual({ code: 0, output: '' })
  })

  const programs = code.filter(({ info }) => info.endsWith(' run'))
  test.each(programs.map((fence) => [where(fence), fence] as const))(
    '%s runs and prints what it says',
    async (_, fence) => {
      await (compiled ??= compile())
      const path = join(folder, 'dist', fileOf(fence).replace(/\.ts$/, '.js'))
      writeFileSync(path, readFileSync(path, 'utf8').replaceAll('http://localhost:4400', await serve()))
      const { code: exit, output } = await runScript(process.execPath, [path]).ended
      expect(exit, output).toBe(0)
      expect(output).toBe(promisedOutput(fence) ?? output)
    },
  )

  const configs = fences.filter((fence) => kind(fence) === 'js')
  test.each(configs.map((fence) => [where(fence), fence] as const))('%s is a config file', async (_, fence) => {
    expect(fence.code).toMatch(/^\/\/ presence\.config\.mjs\n/)
    const cwd = temporaryDirectory()
    writeFileSync(join(cwd, 'presence.config.mjs'), fence.code)
    if (fence.code.includes("'./rooms.js'")) {
      // What tsc makes of the block of the same page that is rooms.ts, from where it finds what it imports.
      await (compiled ??= compile())
      const rooms = code.find(({ page, code: text }) => page === fence.page && text.startsWith('// rooms.ts\n'))
      const path = rooms && join(folder, 'dist', fileOf(rooms).replace(/\.ts$/, '.js'))
      writeFileSync(join(cwd, 'rooms.js'), `export * from ${JSON.stringify(path && pathToFileURL(path))}`)
      writeFileSync(join(cwd, 'package.json'), '{ "type": "module" }')
    }
    await expect(runProgram(['--port', '0'], { cwd }).listening).resolves.toMatch(/^http/)
  })
})

// ── Commands ──

interface Manifest {
  readonly name: string
  readonly private?: boolean
  readonly dependencies?: Readonly<Record<string, string>>
  readonly peerDependencies?: Readonly<Record<string, string>>
  readonly scripts?: Readonly<Record<string, string>>
}

const manifest = (path: string): Manifest => JSON.parse(readFileSync(join(root, path), 'utf8')) as Manifest
const { scripts = {} } = manifest('package.json')
const published = projectFiles('packages')
  .filter((path) => path.endsWith('/package.json'))
  .map(manifest)
  .filter((one) => one.private !== true)

/** Tries a command; throws when it does not work, or when nobody knows how to try it. */
async function tryCommand(line: string): Promise<void> {
  // `npm start` honours the port: that has a test of its own below.
  const [all = '', assignments = ''] = /^((?:[A-Z_]+=(?:"[^"]*"|\S+) )*)/.exec(line) ?? []
  const env = Object.fromEntries(
    [...assignments.matchAll(/([A-Z_]+)=(?:"([^"]*)"|(\S+)) /g)].map(([, name, text, word]) => [
      name,
      text ?? word ?? '',
    ]),
  )
  const [command, ...words] = wordsOf(line.slice(all.length))
  if (command === 'npm' && words[0] === 'install') return oneOf(packagesToInstall(), words.slice(1))
  if (command === 'npm') return oneOf(Object.keys(scripts), words[0] === 'run' ? words.slice(1, 2) : words)
  if (command !== 'npx' || words[0] !== 'presence-server') throw new Error(`No test knows how to try: ${line}`)
  if (words[1] === 'token') {
    const { code, out, err } = await runProgram(words.slice(1), { env }).ended
    if (code !== 0 || !/^[\w.-]+\n$/.test(out)) throw new Error(`${line} ended with ${code}: ${err}`)
    return
  }
  if (words[1] === 'check') {
    const { code, err } = await runProgram(words.slice(1), { env }).ended
    if (code !== 0) throw new Error(`${line} ended with ${code}: ${err}`)
    return
  }
  const program = runProgram([...words.slice(1), '--port', '0'], { env })
  await program.listening
  program.process.kill('SIGTERM')
  const { code: exit, err } = await program.ended
  if (exit !== 0) throw new Error(`${line} ended with ${exit}: ${err}`)
}

/** The words of a command, as a shell reads them that knows double quotes and nothing else. */
function wordsOf(text: string): string[] {
  return [...text.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, word]) => quoted ?? word ?? '')
}

/** Ours, and what ours ask their users for. */
function packagesToInstall(): readonly string[] {
  return published.flatMap(({ name, peerDependencies = {} }) => [name, ...Object.keys(peerDependencies)])
}

function oneOf(known: readonly string[], names: readonly string[]): void {
  const stranger = names.find((name) => !known.includes(name))
  if (stranger !== undefined) throw new Error(`There is no ${stranger}, only ${known.join(', ')}.`)
}

test.each(commands.map(({ line, fence }) => [line, where(fence)]))('%s (%s) is a command that works', async (line) => {
  await expect(tryCommand(line)).resolves.toBeUndefined()
})

test('npm start prints an address that serves the demo, honours PRESENCE_PORT, and ends when asked', async () => {
  const started = runScript('npm', ['start'], { cwd: root, env: { PRESENCE_PORT: '0', PRESENCE_DB: ':memory:' } })
  const [, url = ''] = await started.says(/listening on (http:\S+)/)
  expect(url).not.toContain(':4400')
  expect(await (await fetch(url)).text()).toContain('<div id="root">')
  started.end()
  await started.ended
  await expect(fetch(url)).rejects.toThrow('fetch failed')
}, 120_000)

// ── Names ──

test('the flags and variables that are named are those of --help, and those of styles are in the stylesheet', async () => {
  const commands = [[], ['check'], ['token'], ['rooms'], ['kick']]
  const helps = await Promise.all(commands.map((command) => runProgram([...command, '--help']).ended))
  const inHelp = (pattern: RegExp): Set<string> => new Set(helps.flatMap(({ out }) => out.match(pattern) ?? []))
  const ours = pages.filter(({ path }) => !path.startsWith('docs/spec'))
  const text = ours.map((page) => page.text).join('\n')
  for (const variable of text.match(/\bPRESENCE_[A-Z_]+/g) ?? [])
    expect(inHelp(/PRESENCE_[A-Z_]+/g)).toContain(variable)
  // What a stylesheet is told is written like a flag.
  const styles = readFileSync(join(root, 'packages/react/src/styles.css'), 'utf8')
  const known = new Set([...inHelp(/--[a-z-]+/g), ...(styles.match(/--presence-[a-z-]+/g) ?? [])])
  for (const [, name = ''] of text.matchAll(/`(--[a-z-]+)/g)) expect(known).toContain(name)

  const server = pages.filter(({ path }) => ['packages/server/README.md', 'docs/running.md'].includes(path))
  for (const flag of inHelp(/--[a-z-]+/g)) expect(server.map((page) => page.text).join('\n')).toContain(`\`${flag}\``)
})

test('docs/react.md names each class and variable of the stylesheet', () => {
  const page = pages.find(({ path }) => path === 'docs/react.md')?.text
  const styles = readFileSync(join(root, 'packages/react/src/styles.css'), 'utf8')
  for (const [, , name = ''] of styles.matchAll(/(\.|var\()((?:--)?presence-[a-z-]+)/g))
    expect(page).toContain(`\`${name}\``)
})

test('the table of dependencies names all that is installed with us, and no other', () => {
  const table = pages.find(({ path }) => path.endsWith('0007-dependencies.md'))?.text ?? ''
  const told = [...table.matchAll(/^\| (?:`@app\/\w+` )?\| `([^`]+)`(?:,[^|]*)? \|/gm)].map(([, name]) => name)
  const installed = published
    .flatMap(({ dependencies = {}, peerDependencies = {} }) => Object.keys({ ...dependencies, ...peerDependencies }))
    .filter((name) => !name.startsWith('@app/'))
  expect(new Set(told)).toEqual(new Set(installed))
})

test('the table of codes in docs/security.md has each of them, and a test that names it', () => {
  const page = pages.find(({ path }) => path === 'docs/security.md')?.text ?? ''
  const rows = [...page.matchAll(/^\| `([a-z-]+)` \|[^|]+\|[^|]+\| `([^`]+)` \|$/gm)]
  expect(new Set(rows.map(([, each]) => each))).toEqual(new Set(presenceErrorCodes))
  for (const [, each, path = ''] of rows) {
    expect(path).toMatch(/\.test\.tsx?$/)
    expect(readFileSync(join(root, path), 'utf8'), path).toContain(`'${each}'`)
  }
})

test('the table of codes in PROTOCOL.md has each that a server can send', () => {
  const page = pages.find(({ path }) => path === 'packages/protocol/PROTOCOL.md')?.text ?? ''
  const table = page.slice(page.indexOf('## Errors'), page.indexOf('## Timings'))
  const told = [...table.matchAll(/^\| `([a-z-]+)` \|/gm)].map(([, each]) => each)
  // Of these the client knows by itself.
  const ownOfClients = ['bad-ttl', 'bad-options', 'token-failed', 'closed', 'connection-failed']
  expect(new Set([...told, ...ownOfClients])).toEqual(new Set(presenceErrorCodes))
})

test('the table of limits in docs/security.md has each of them with its default', () => {
  const page = pages.find(({ path }) => path === 'docs/security.md')?.text ?? ''
  const told = [...page.matchAll(/^\| `(\w+)` \| ([\d ]+) /gm)].map(([, name, value]) => [
    name,
    Number(value?.replaceAll(' ', '')),
  ])
  const { putRates, crowdLimits, roomsMax: rooms, badMessagesMax: badMessages, ...more } = checkOptions({})
  const { dataBytes, keyBytes, roomClients, userEntries, messagesPerSecond, messageBytes, handshakeMs } = more
  expect(Object.fromEntries(told)).toEqual({
    ...{ dataBytes, keyBytes, rooms, roomClients, messagesPerSecond, messageBytes, handshakeMs, badMessages },
    ...crowdLimits,
    userEntries,
    roomPutsPerSecond: putRates.perRoom,
    putsPerSecond: putRates.perConnection,
  })
})

const files = projectFiles()
// Files of the reader's own, and patterns for names.
const notOurs = /^(presence\.config\.(mjs|ts)|presence\.db(-lock)?|rooms\.[jt]s|name\.test\.ts|\.(js|ts|tsx))$/

/** Whether a path is there: from the root, from the page, or as the end of one that is. Stars stand for anything. */
function isThere(path: string, page: string): boolean {
  const pattern = new RegExp(`(^|/)${path.replaceAll('.', '\\.').replace(/\*+/g, '.*')}$`)
  return (
    existsSync(join(root, path)) ||
    existsSync(join(root, dirname(page), path)) ||
    files.some((file) => pattern.test(file))
  )
}

/** The anchors of a page's headings, as GitHub makes them; a second heading of the same words gets a number. */
function anchorsOf(text: string): ReadonlySet<string> {
  const counts = new Map<string, number>()
  const headings = text.replace(/^```[^]*?^```$/gm, '').matchAll(/^#+ (.*)$/gm)
  return new Set(
    [...headings].map(([, heading = '']) => {
      const slug = heading
        .toLowerCase()
        .replace(/[^\p{L}\p{N} _-]/gu, '')
        .replaceAll(' ', '-')
      const before = counts.get(slug) ?? 0
      counts.set(slug, before + 1)
      return before === 0 ? slug : `${slug}-${before}`
    }),
  )
}

test('every heading that is linked exists', () => {
  const anchors = new Map(pages.map(({ path, text }) => [path, anchorsOf(text)]))
  const missing = pages.flatMap(({ path: page, text }) =>
    [...text.replace(/^```[^]*?^```$/gm, '').matchAll(/\]\((?!https?:)([^)#]*)#([^)]+)\)/g)]
      .filter(([, file = '', anchor = '']) => {
        const path = file === '' ? page : relative(root, join(root, dirname(page), file)).replaceAll('\\', '/')
        return !anchors.get(path)?.has(anchor)
      })
      .map(([link]) => `${link} in ${page}`),
  )
  expect(missing).toEqual([])
})

test('every file that is named exists', () => {
  const missing: string[] = []
  for (const { path: page, text } of pages) {
    const prose = text.replace(/^```[^]*?^```$/gm, '')
    const named = prose.matchAll(
      /`([\w@.*/-]+\.(?:tsx?|mjs|js|css|json|md)|(?:apps|packages|docs|tests|scripts)\/[\w/*-]+)`/g,
    )
    for (const [, path = ''] of named) {
      if (!notOurs.test(path) && !isThere(path, page)) missing.push(`${path} in ${page}`)
    }
    for (const [, link = ''] of prose.matchAll(/\]\((?!https?:|#)([^)#]+)/g)) {
      if (!existsSync(join(root, dirname(page), link))) missing.push(`${link} in ${page}`)
    }
  }
  expect(missing).toEqual([])
})
