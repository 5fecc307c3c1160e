// What a bundler such as Next's does to the modules of server components, as a loader of Node's: of a module that begins
// with 'use client' they get references, each a name that the browser and the renderer of HTML will look up.
import { fileURLToPath } from 'node:url'
import { readFile } from 'node:fs/promises'
import { init, parse } from 'es-module-lexer'

export async function load(url, context, nextLoad) {
  if (!url.endsWith('.js')) return nextLoad(url, context)
  const source = await readFile(fileURLToPath(url), 'utf8')
  if (!/^(['"])use client\1/.test(source)) return nextLoad(url, context)
  await init
  const references = parse(source)[1].map(({ n }, index) => ({
    made: `const it${index} = clientReference(${JSON.stringify(url)}, ${JSON.stringify(n)})`,
    exported: `it${index} as ${n}`,
  }))
  return {
    format: 'module',
    shortCircuit: true,
    source: [
      ...references.map(({ made }) => made),
      `export { ${references.map(({ exported }) => exported).join(', ')} }`,
    ].join('\n'),
  }
}
