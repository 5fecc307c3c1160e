import { fileURLToPath } from 'node:url'

const source = (path) => fileURLToPath(new URL(`../../packages/${path}`, import.meta.url))

const webSocket = (file) => ({ find: '#web-socket', replacement: source(`client/src/${file}`) })

const packages = [
  { find: /^@app\/(protocol|client|server)\/effect$/, replacement: source('$1/src/effect.ts') },
  { find: /^@app\/client\/testing$/, replacement: source('client/src/testing/index.ts') },
  { find: /^@app\/testkit\/tcp-proxy$/, replacement: source('testkit/src/tcp-proxy.ts') },
  { find: /^@app\/react\/styles\.css$/, replacement: source('react/src/styles.css') },
  { find: /^@app\/(protocol|client|react|server|testkit)$/, replacement: source('$1/src/index.ts') },
]

/** Where Vite finds our packages in their sources for a page, and Vitest in Node, so that neither needs a build first. */
export const pageAliases = [...packages, webSocket('web-socket.ts')]
export const sourceAliases = [...packages, webSocket('web-socket-node.ts')]
