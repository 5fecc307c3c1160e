import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { renderAsNext } from './next.ts'
import { projectFiles } from './pages.ts'
import { installPacked, pack, published, runToEnd, type Manifest } from './packed.ts'
import { temporaryDirectory } from './program.ts'
import { root, runScript } from './script.ts'

/*
 * The packages as others will see them: packed, and installed into applications that know nothing of this repository.
 */

// Six seconds each on a machine with nothing else to do; compiling takes most of them.
const timeout = 60_000

const tarballs = mkdtempSync(join(tmpdir(), 'presence-packed-'))
beforeAll(() => pack(tarballs))
afterAll(() => rmSync(tarballs, { recursive: true }))

const react = ['react', 'react-dom', '@types/react', '@types/react-dom']

const tool = (name: string): string => join(root, 'node_modules/.bin', name)

// As the templates of Vite and Next have it, and no declaration file is let off.
const compilerOptions = {
  ...{ target: 'es2022', module: 'esnext', moduleResolution: 'bundler', jsx: 'react-jsx' },
  ...{ strict: true, isolatedModules: true, skipLibCheck: false, lib: ['es2022', 'dom', 'dom.iterable'] },
}

function write(app: string, files: Readonly<Record<string, unknown>>): void {
  for (const [path, content] of Object.entries(files)) {
    writeFileSync(join(app, path), typeof content === 'string' ? content : JSON.stringify(content))
  }
}

test('a Vite application: compiles and builds, and meets the server that its command starts', { timeout }, async () => {
  const app = await installPacked(tarballs, [...react, 'vite', 'jsdom'])
  cpSync(join(root, 'examples/Room.tsx'), join(app, 'Room.tsx'))
  cpSync(join(import.meta.dirname, 'packed/page.mjs'), join(app, 'page.mjs'))
  write(app, {
    'package.json': { type: 'module' },
    'tsconfig.json': {
      compilerOptions: { ...compilerOptions, noEmit: true, allowImportingTsExtensions: true, types: ['vite/client'] },
      include: ['*.tsx'],
    },
    'index.html': '<!doctype html><div id="root"></div><script type="module" src="/main.tsx"></script>',
    'main.tsx': `
      import '@app/react/styles.css'
      import { createRoot } from 'react-dom/client'
      import { App } from './Room.tsx'
      const root = document.querySelector('#root')
      if (root) createRoot(root).render(<App url={location.origin} name="Ada" room="pr:atelier" />)`,
    'grace.mjs': `
      import { createPresenceClient } from '@app/client'
      const client = createPresenceClient({ url: process.argv[2], user: { id: 'grace', name: 'Grace' } })
      client.presence('pr:atelier').track({ mood: 'busy' })
      await client.waitForConnected()
      console.log('connected')`,
  })
  await runToEnd(tool('tsc'), ['-p', '.'], app)
  await runToEnd(process.execPath, [join(app, 'node_modules/vite/bin/vite.js'), 'build'], app)
  const built = readdirSync(join(app, 'dist/assets'))
  expect(built.map((name) => name.replace(/-.*\./, '.')).sort()).toEqual(['index.css', 'index.js'])

  const server = runScript(join(app, 'node_modules/.bin/presence-server'), ['--static', 'dist'], {
    cwd: app,
    env: { PRESENCE_PORT: '0', PRESENCE_DB: ':memory:' },
  })
  const [, url = ''] = await server.says(/listening on (\S+)/)
  const grace = runScript(process.execPath, [join(app, 'grace.mjs'), url])
  await grace.says(/^connected$/m)
  const page = await runToEnd(process.execPath, [join(app, 'page.mjs'), url, '2 here'], app)
  expect(page).toContain('Ada is curious')
  expect(page).toContain('Grace is busy')
})

test('an application as Next has it: compiles, renders on the server and hydrates', { timeout }, async () => {
  const app = await installPacked(tarballs, [
    ...[...react, '@types/node', 'zod'],
    // What stands in for Next.
    ...['react-server-dom-parcel', 'es-module-lexer', 'jsdom'],
  ])
  const sources = { recursive: true, filter: (path: string) => !path.endsWith('tsconfig.json') }
  cpSync(join(root, 'examples/next'), app, sources)
  cpSync(join(import.meta.dirname, 'next'), join(app, 'next'), { recursive: true })
  write(app, {
    'package.json': { type: 'module' },
    'tsconfig.json': {
      compilerOptions: { ...compilerOptions, outDir: 'built', rewriteRelativeImportExtensions: true, types: ['node'] },
      include: ['*.ts', 'app'],
    },
  })
  await runToEnd(tool('tsc'), ['-p', '.'], app)
  const { html, browser, modules } = await renderAsNext(join(app, 'built'), join(app, 'next'))
  expect(html).toContain('<h1>1 here</h1><ul><li>Grace is busy</li></ul>')
  expect(browser).toEqual({ problems: [], says: expect.stringContaining('2 here') })
  expect(modules.filter((url) => url.includes('/packages/'))).toEqual([])
})

const isPublished = (name: string): boolean => published.some((its) => name === `@app/${its}`)

test('the four packages go out together: a change to one gives them all the same next version', async () => {
  const copy = temporaryDirectory()
  const manifests = projectFiles().filter((path) => /(^|\/)package(-lock)?\.json$/.test(path))
  for (const path of [...manifests, '.changeset/config.json']) cpSync(join(root, path), join(copy, path))
  write(copy, { '.changeset/a-change.md': "---\n'@app/protocol': minor\n---\n\nSomething new.\n" })
  await runToEnd(tool('changeset'), ['version'], copy)

  const after = manifests.map((path) => JSON.parse(readFileSync(join(copy, path), 'utf8')) as Manifest)
  const released = after.filter(({ name }) => isPublished(name))
  expect(released).toHaveLength(4)
  const versions = new Set(released.map(({ version }) => version))
  // Also those that are not released ask for the new version, or npm would look for the old one elsewhere.
  const asked = after.flatMap(({ dependencies, devDependencies }) =>
    Object.entries({ ...dependencies, ...devDependencies }),
  )
  for (const [name, range] of asked) if (isPublished(name)) versions.add(range)
  expect([...versions]).toEqual([expect.stringMatching(/^\d+\.[1-9]\d*\.0$/)])
})
