// npm run docs: makes docs/reference from the docstrings. With --check it writes nothing, and says what is old.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './lib/processes.mjs'
import { reference } from './lib/reference.mjs'

const folder = join(root, 'docs/reference')
mkdirSync(folder, { recursive: true })
const { pages, silent } = reference()
const strangers = readdirSync(folder).filter((name) => !(name in pages))
const old = Object.keys(pages).filter((name) => {
  const path = join(folder, name)
  return !existsSync(path) || readFileSync(path, 'utf8') !== pages[name]
})

for (const sentence of silent) console.error(`${sentence} The reference has nothing to say of it.`)
if (process.argv.includes('--check')) {
  for (const name of [...old, ...strangers]) console.error(`docs/reference/${name} is old: npm run docs makes it anew.`)
  if (old.length + strangers.length > 0) process.exit(1)
} else {
  for (const name of strangers) rmSync(join(folder, name))
  for (const name of old) writeFileSync(join(folder, name), pages[name])
}
if (silent.length > 0) process.exit(1)
console.log(`${Object.keys(pages).length} pages, ${old.length} of them new.`)
