import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  ModuleKind,
  ModuleResolutionKind,
  Node,
  Project,
  ScriptTarget,
  SyntaxKind,
  ts,
  TypeFormatFlags,
} from 'ts-morph'
import { root } from './processes.mjs'

/*
 * The reference: what each package gives, as its docstrings tell it. One page a package, one section an entry, one
 * heading a name. Made from the sources, so nothing has to be built first.
 */

/** In this order a name is at home: what several packages give is explained by the first of them. */
const packages = ['client', 'react', 'server', 'protocol']

const groups = ['Components', 'Hooks', 'Functions', 'Classes', 'Values', 'Types', 'Also named']

/**
 * Makes every page: `pages` are texts by the names of their files. `silent` are the names that have no docstring, as
 * sentences: without one there is nothing to tell.
 */
export function reference() {
  const project = openSources()
  const entries = packages.flatMap((name) => entriesOf(project, name))
  const homes = findHomes(entries)
  const silent = [...homes.values()]
    .filter(({ item }) => docsOf(item.declaration) === '')
    .map(({ entry, item }) => `${item.name} of ${entry.name} has no docstring.`)
  const pages = Object.fromEntries(
    packages.map((name) => [
      `${name}.md`,
      pageOf(
        name,
        entries.filter((entry) => entry.page === `${name}.md`),
        homes,
      ),
    ]),
  )
  return { pages: { ...pages, 'README.md': indexOf(entries) }, silent }
}

/**
 * The sources of all packages, as the compiler of `ts-morph` reads them; ours has no interface for programs yet. What they
 * import of others is left alone, since that would take longer than all the rest; but not what some of ours are made of.
 */
function openSources() {
  const entries = packages.flatMap((name) => exportsOf(name))
  const project = new Project({
    compilerOptions: {
      strict: true,
      target: ScriptTarget.ESNext,
      module: ModuleKind.ESNext,
      moduleResolution: ModuleResolutionKind.Bundler,
      jsx: ts.JsxEmit.ReactJSX,
      allowImportingTsExtensions: true,
      noEmit: true,
      noResolve: true,
      types: [],
      paths: Object.fromEntries(entries.map(({ name, source }) => [name, [join(root, source)]])),
    },
    skipAddingFilesFromTsConfig: true,
  })
  project.addSourceFilesAtPaths([
    ...packages.map((name) => join(root, 'packages', name, 'src/**/*.{ts,tsx}').replaceAll('\\', '/')),
    `!${root.replaceAll('\\', '/')}/**/*.test.{ts,tsx}`,
    ...['@types/react/index.d.ts', '@standard-schema/spec/dist/index.d.ts'].map(
      (path) => `${root}/node_modules/${path}`,
    ),
  ])
  return project
}

function manifestOf(name) {
  return JSON.parse(readFileSync(join(root, 'packages', name, 'package.json'), 'utf8'))
}

/** The entries of a package that are code, by what it exports. */
function exportsOf(name) {
  return Object.entries(manifestOf(name).exports).flatMap(([path, target]) => {
    const built = /^\.\/dist\/(.*)\.js$/.exec(target.default ?? '')?.[1]
    if (built === undefined) return []
    const sources = ['ts', 'tsx'].map((ending) => `packages/${name}/src/${built}.${ending}`)
    return [{ name: `@app/${name}${path.slice(1)}`, source: sources.find((one) => existsSync(join(root, one))) }]
  })
}

function entriesOf(project, page) {
  return exportsOf(page).map(({ name, source }) => {
    const file = project.getSourceFileOrThrow(join(root, source))
    const items = [...file.getExportedDeclarations()].map(([exported, [declaration]]) => itemOf(exported, declaration))
    return { name, page: `${page}.md`, items }
  })
}

function itemOf(name, declared) {
  const declaration = whole(declared)
  return { name, declaration, group: groupOf(name, declaration) }
}

/** Of the several signatures of a function the one that knows them all. */
function whole(declaration) {
  return (Node.isFunctionDeclaration(declaration) && declaration.getImplementation()) || declaration
}

function groupOf(name, declaration) {
  if (Node.isInterfaceDeclaration(declaration) || Node.isTypeAliasDeclaration(declaration)) return 'Types'
  if (declaration.getSourceFile().getFilePath().endsWith('.tsx')) return 'Components'
  if (/^use[A-Z]/.test(name)) return 'Hooks'
  if (Node.isFunctionDeclaration(declaration)) return 'Functions'
  return Node.isClassDeclaration(declaration) ? 'Classes' : 'Values'
}

/**
 * Where each name of ours is explained, by its declaration. What is named by something that is given, and is not given
 * itself, is explained below the entry that names it.
 */
function findHomes(entries) {
  const homes = new Map()
  const settle = (entry, item) => {
    if (!isOurs(item.declaration) || homes.has(item.declaration)) return false
    homes.set(item.declaration, { entry, item })
    return true
  }
  for (const entry of entries) for (const item of entry.items) settle(entry, item)
  for (const entry of entries) {
    for (const item of entry.items) {
      for (const declaration of homes.get(item.declaration)?.entry === entry ? namedIn(item) : []) {
        const named = { ...itemOf(declaration.getName(), declaration), group: 'Also named' }
        // What it names in turn comes after it.
        if (settle(entry, named)) entry.items.push(named)
      }
    }
  }
  addAnchors(homes)
  return homes
}

/** The anchors of the headings, as GitHub makes them: a second heading of one name gets a number. */
function addAnchors(homes) {
  for (const page of new Set([...homes.values()].map(({ entry }) => entry.page))) {
    const count = new Map()
    const here = [...homes.values()].filter(({ entry }) => entry.page === page)
    for (const home of here.sort(inReadingOrder)) {
      const slug = home.item.name.toLowerCase()
      const before = count.get(slug) ?? 0
      count.set(slug, before + 1)
      home.anchor = before === 0 ? slug : `${slug}-${before}`
    }
  }
}

function inReadingOrder(one, other) {
  // By code points, which are the same on every machine.
  const byName = one.item.name < other.item.name ? -1 : Number(one.item.name > other.item.name)
  return (
    Number(one.entry.name > other.entry.name) - Number(one.entry.name < other.entry.name) ||
    groups.indexOf(one.item.group) - groups.indexOf(other.item.group) ||
    byName
  )
}

const sources = join(root, 'packages').replaceAll('\\', '/')

function isOurs(declaration) {
  const path = declaration.getSourceFile().getFilePath()
  return path.startsWith(`${sources}/`) && !path.includes('/node_modules/')
}

/** What of ours is named by what is shown of an item. */
function namedIn({ declaration }) {
  const identifiers = shownParts(declaration).flatMap((part) =>
    [part, ...part.getDescendants()].filter(Node.isIdentifier),
  )
  const named = identifiers.flatMap((identifier) => {
    const symbol = identifier.getSymbol()
    const target = (symbol?.getAliasedSymbol() ?? symbol)?.getDeclarations()[0]
    return target && isTopLevel(target) && isOurs(target) ? [whole(target)] : []
  })
  return [...new Set(named)].filter((each) => each !== declaration)
}

function isTopLevel(node) {
  const statement = Node.isVariableDeclaration(node) ? node.getVariableStatement() : node
  return Node.isSourceFile(statement?.getParent())
}

/** The parts of a declaration whose text is shown. */
function shownParts(declaration) {
  if (Node.isFunctionDeclaration(declaration)) {
    return signaturesOf(declaration).flatMap((each) =>
      [
        ...each.getTypeParameters(),
        ...each.getParameters().map((one) => one.getTypeNode()),
        each.getReturnTypeNode(),
      ].filter((part) => part !== undefined),
    )
  }
  if (Node.isTypeAliasDeclaration(declaration)) return isComputed(declaration) ? [] : [declaration.getTypeNode()]
  if (Node.isClassDeclaration(declaration)) {
    return declaration
      .getMembers()
      .flatMap((member) => member.getDescendantsOfKind(SyntaxKind.TypeReference))
      .filter((part) => !part.getFirstAncestorByKind(SyntaxKind.Block))
  }
  if (Node.isVariableDeclaration(declaration)) {
    const shown = new Set(valueOf(declaration).match(/\w+/g))
    return declaration.getDescendantsOfKind(SyntaxKind.TypeReference).filter((part) => shown.has(part.getText()))
  }
  return [declaration]
}

/** A type that the compiler works out: its docstring says more than its text. */
function isComputed(alias) {
  return Node.isConditionalTypeNode(alias.getTypeNode())
}

// ── Text ──

function indexOf(entries) {
  const lines = packages.flatMap((name) => {
    const names = entries.filter(({ page }) => page === `${name}.md`).map((entry) => `\`${entry.name}\``)
    return `- [${names.join(', ')}](${name}.md)`
  })
  return `${[
    '# Reference',
    'Every name that the packages give, as their docstrings tell it. `npm run docs` makes these pages, `npm run check` ' +
      'fails when they are old. To learn, begin with the [README](../../README.md) or [the React kit](../react.md).',
    lines.join('\n'),
    'Room keys, data, moments and durations are told in the same words everywhere: a key is `pr:` and 1 to 252 characters; ' +
      'data are what JSON can carry; moments end in `AtMs` and are Unix milliseconds on the clock of the server; durations ' +
      'end in `Ms`. A code in backticks after "Throws" or "Rejects" is the `code` of a ' +
      '[PresenceError](client.md#presenceerror): [all of them](protocol.md#presenceerrorcodes). "Also named" is what the ' +
      'names before it mention and the package does not export.',
  ].join('\n\n')}\n`
}

function pageOf(name, entries, homes) {
  const { description } = manifestOf(name)
  const guide = name === 'react' ? '../react.md' : `../../packages/${name}/README.md`
  const head = `${description} [How to use it](${guide}). [The other packages](README.md).`
  return `${[`# @app/${name}`, head, ...entries.flatMap((entry) => sectionOf(entry, homes, entries.length > 1))].join('\n\n')}\n`
}

function sectionOf(entry, homes, isOneOfMany) {
  const link = ({ declaration, name }) => linkTo(name, homes.get(declaration), entry)
  const sorted = [...entry.items].sort((item, other) => inReadingOrder({ entry, item }, { entry, item: other }))
  const contents = groups.flatMap((group) => {
    const links = sorted.filter((item) => item.group === group).map(link)
    return links.length > 0 ? [`- ${group}: ${links.join(', ')}`] : []
  })
  return [
    ...(isOneOfMany ? [`## ${entry.name}`] : []),
    contents.join('\n'),
    ...sorted
      .filter(({ declaration }) => homes.get(declaration)?.entry === entry)
      .flatMap((item) => explanationOf(item, entry, homes)),
  ]
}

function linkTo(name, home, from) {
  // Of somebody else's library.
  if (!home) return `\`${name}\``
  return `[${name}](${home.entry.page === from.page ? '' : home.entry.page}#${home.anchor})`
}

function explanationOf(item, entry, homes) {
  const named = namedIn(item)
    .map((declaration) => [declaration.getName(), homes.get(declaration)])
    .sort(([one], [other]) => (one < other ? -1 : Number(one > other)))
    .map(([name, home]) => linkTo(name, home, entry))
  return [
    `### ${item.name}`,
    docsOf(item.declaration),
    `\`\`\`ts\n${codeOf(item.declaration)}\n\`\`\``,
    ...(named.length > 0 ? [`See ${named.join(', ')}.`] : []),
  ]
}

/** What its docstrings say: of a function with several signatures each that has something to say. */
function docsOf(declaration) {
  const told = Node.isVariableDeclaration(declaration) ? declaration.getVariableStatement() : declaration
  const texts = (Node.isFunctionDeclaration(told) ? signaturesOf(told) : [told]).map(
    (node) => node.getJsDocs().at(-1)?.getInnerText().trim() ?? '',
  )
  return [...new Set(texts)].filter((text) => text !== '').join('\n\n')
}

function signaturesOf(declaration) {
  const overloads = declaration.getOverloads()
  return overloads.length > 0 ? overloads : [declaration]
}

function codeOf(declaration) {
  if (Node.isFunctionDeclaration(declaration)) return signaturesOf(declaration).map(signatureOf).join('\n')
  if (Node.isClassDeclaration(declaration)) return classOf(declaration)
  if (Node.isVariableDeclaration(declaration)) return valueOf(declaration)
  if (Node.isTypeAliasDeclaration(declaration) && isComputed(declaration))
    return `type ${declaration.getName()}${genericsOf(declaration)} = …`
  return plain(declaration)
}

/** Its source, without what is not for readers. */
function plain(node) {
  return node
    .getText()
    .replace(/^export /, '')
    .replace(/^ *\/\/ oxlint-.*\n/gm, '')
}

const typeFlags = TypeFormatFlags.NoTruncation | TypeFormatFlags.UseAliasDefinedOutsideCurrentScope

function signatureOf(signature) {
  const parameters = signature.getParameters().map(parameterOf)
  const returns = signature.getReturnTypeNode()?.getText() ?? signature.getReturnType().getText(signature, typeFlags)
  const start = `function ${signature.getName()}${genericsOf(signature)}(`
  const line = `${start}${parameters.join(', ')}): ${returns}`
  if (line.length <= 120 || parameters.length === 0) return line
  return `${start}\n${parameters.map((each) => `  ${each},\n`).join('')}): ${returns}`
}

function genericsOf(node) {
  const types = node.getTypeParameters().map((each) => each.getText())
  return types.length > 0 ? `<${types.join(', ')}>` : ''
}

/** How a caller sees it: not taken apart, and without the default that only the docstring can explain. */
function parameterOf(parameter) {
  const isTakenApart = !Node.isIdentifier(parameter.getNameNode())
  const isComponent = parameter.getSourceFile().getFilePath().endsWith('.tsx')
  const name = isTakenApart ? (isComponent ? 'props' : 'options') : parameter.getName()
  const type = parameter.getTypeNode()?.getText() ?? parameter.getType().getText(parameter, typeFlags)
  return `${parameter.isRestParameter() ? '...' : ''}${name}${parameter.isOptional() && !parameter.isRestParameter() ? '?' : ''}: ${type}`
}

function classOf(declaration) {
  const members = declaration
    .getMembers()
    .filter((member) => !/^(private|protected|#)/.test(member.getText()))
    .map((member) => {
      const docs = member.getJsDocs().map((each) => each.getText())
      const body = member.getBody?.()
      const text = body
        ? member
            .getText()
            .slice(0, body.getStart() - member.getStart())
            .trimEnd()
        : member.getText()
      return [...docs, text].map((line) => `  ${line}`).join('\n')
    })
  const parent = declaration.getExtends()
  return `class ${declaration.getName()}${parent ? ` extends ${parent.getText()}` : ''} {\n${members.join('\n')}\n}`
}

/** A value that is written down is shown; of another one its type. */
function valueOf(declaration) {
  const type = declaration.getTypeNode()?.getText()
  const value = declaration.getInitializer()
  const isWritten =
    Node.isLiteralExpression(value) || (Node.isAsExpression(value) && value.getTypeNode()?.getText() === 'const')
  if (isWritten) return `const ${declaration.getName()} = ${value.getText()}`
  return `const ${declaration.getName()}: ${type ?? declaration.getType().getText(declaration, typeFlags)}`
}
