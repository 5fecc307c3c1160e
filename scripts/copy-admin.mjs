// The last step of the server's build: the admin page, as turbo has just built it, comes into the package that serves it.
import { cpSync, existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './lib/processes.mjs'

const [from, to] = ['apps/admin/dist', 'packages/server/dist/admin'].map((path) => join(root, path))
if (!existsSync(from)) {
  console.error('The admin page was not built. Build all with: npx turbo run build')
  process.exit(1)
}
rmSync(to, { recursive: true, force: true })
cpSync(from, to, { recursive: true })
