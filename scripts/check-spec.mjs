// npm run check:spec: every rule has a test, every id in a test's title is a rule.
import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { join, relative } from 'node:path'
import { root } from './lib/processes.mjs'
import { disagreements, rulesOf } from './lib/spec-rules.mjs'

function* testsUnder(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.name === 'node_modules' || entry.name === 'dist') continue
    const path = join(folder, entry.name)
    if (entry.isDirectory()) yield* testsUnder(path)
    else if (/\.(test\.tsx?|spec\.ts)$/.test(entry.name)) yield path
  }
}

const specFile = join(root, 'docs/spec.md')
if (!existsSync(specFile)) {
  console.error('docs/spec.md is missing: the rules live there.')
  process.exit(1)
}

const spec = readFileSync(specFile, 'utf8')
const tests = ['packages', 'apps', 'tests', 'examples']
  .map((folder) => join(root, folder))
  .filter((folder) => existsSync(folder))
  .flatMap((folder) => [...testsUnder(folder)])
  .map((path) => ({ path: relative(root, path), source: readFileSync(path, 'utf8') }))

const wrong = disagreements(spec, tests)
for (const sentence of wrong) console.error(sentence)
if (wrong.length > 0) process.exit(1)
const { kept, notYet } = rulesOf(spec)
console.log(`${kept.length} rules, each with a test; ${notYet.length} not yet kept.`)
