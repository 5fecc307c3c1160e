import { dirname, relative, resolve, sep } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** Which of our own packages the sources of each package may import. */
const mayImport = {
  protocol: [],
  testkit: ['@app/protocol'],
  client: ['@app/protocol'],
  server: ['@app/protocol'],
  react: ['@app/client'],
}

/** Their tests may import testkit too; not so protocol's, since testkit stands on protocol. */
const testsMayImport = (home) => (home === 'protocol' ? [] : [...mayImport[home], '@app/testkit'])

/** It is declarations only: nothing of it is there at run time. */
const typesOfSchemas = '@standard-schema/spec'

/** Outside packages that only one file may know, types included. Tests are free. */
const confined = {
  ws: /^packages\/client\/src\/web-socket-node\.ts$/,
  effect: /^packages\/protocol\/src\/effect\.ts$/,
  'socket.io': /^packages\/server\/src\/socket-io[^/]*\.ts$/,
  'engine.io': /^packages\/server\/src\/socket-io[^/]*\.ts$/,
  jose: /^packages\/server\/src\/jose\.ts$/,
  'prom-client': /^packages\/server\/src\/metrics\.ts$/,
  'better-sqlite3': /^packages\/server\/src\/stores\/sqlite[^/]*\.ts$/,
}

/** What is wrong with importing `specifier` in the file at `path` (from the root, with slashes), if anything. */
export function whyNot(path, specifier) {
  const home = /^packages\/(\w+)\/src\//.exec(path)?.[1]
  if (home === undefined) return undefined
  const isTest = /\.test\.tsx?$/.test(path)

  if (specifier.startsWith('.')) {
    const target = relative(root, resolve(root, dirname(path), specifier))
      .split(sep)
      .join('/')
    return target.startsWith(`packages/${home}/`)
      ? undefined
      : `${home} may not reach outside its own folder. Import the package by name.`
  }

  const name = specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/')
  if (name.startsWith('@app/')) {
    const allowed = isTest ? testsMayImport(home) : mayImport[home]
    return allowed.includes(name)
      ? undefined
      : `${home} may not import ${name}. It may import: ${allowed.join(', ') || 'nothing'}.`
  }
  if (isTest) return undefined
  const only = Object.hasOwn(confined, name) ? confined[name] : undefined
  if (home === 'protocol' && name !== typesOfSchemas && !only?.test(path))
    return `protocol imports nothing, so it may not import ${name}.`
  return only && !only.test(path)
    ? `Only the file ${only.source.slice(1, -1).replaceAll('\\', '')} may import ${name}.`
    : undefined
}

const imports = {
  create(context) {
    const path = relative(root, context.filename).split(sep).join('/')
    const look = (source) => {
      const reason = typeof source?.value === 'string' ? whyNot(path, source.value) : undefined
      if (reason) context.report({ node: source, message: reason })
    }
    return {
      ImportDeclaration: (node) => look(node.source),
      ExportNamedDeclaration: (node) => look(node.source),
      ExportAllDeclaration: (node) => look(node.source),
      ImportExpression: (node) => look(node.source),
      TSImportType: (node) => look(node.source ?? node.argument?.literal ?? node.argument),
    }
  },
}

const pageGlobals = new Set(['window', 'document', 'navigator'])

const globals = {
  create(context) {
    return {
      MemberExpression(node) {
        const isGlobalObject =
          node.object.type === 'Identifier' && (node.object.name === 'globalThis' || node.object.name === 'self')
        const name = node.computed ? node.property.value : node.property.name
        if (isGlobalObject && pageGlobals.has(name)) {
          context.report({ node, message: `Only browser.ts may name ${name}. Give it a function for what you need.` })
        }
      },
    }
  },
}

/** The rooms of the house and the doors between them: docs/decisions/0001-house.md. */
export default { meta: { name: 'walls' }, rules: { imports, globals } }
