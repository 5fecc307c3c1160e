import { existsSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { fileURLToPath } from 'node:url'
import sirv from 'sirv'

/*
 * The files of the admin page. There is nothing secret in them: the page asks whoever opens it for the token.
 */

const root = '/admin'

const headers = {
  // All of it comes from here, and it speaks to nobody else. Nobody shows it within a page of their own.
  'Content-Security-Policy':
    "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; object-src 'none'",
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Opener-Policy': 'same-origin',
}

/** Whether the path is one of the admin page. */
export function isOfAdminPage(url: string): boolean {
  return url.split('?', 1)[0] === root || url.startsWith(`${root}/`)
}

/**
 * Answers a request whose path is of the admin page, and returns whether there is such a file. Sources that were not built
 * have none.
 */
export function serveAdminPage(): (request: IncomingMessage, response: ServerResponse) => boolean {
  // From src as from dist.
  const directory = fileURLToPath(new URL('../dist/admin/', import.meta.url))
  if (!existsSync(directory)) return () => false
  const files = sirv(directory, {
    etag: true,
    setHeaders(response, path) {
      for (const [name, value] of Object.entries(headers)) response.setHeader(name, value)
      // Those are named by their content. The page that names them is asked for each time.
      const isNamed = path.startsWith('/assets/')
      response.setHeader('Cache-Control', isNamed ? 'public, max-age=31536000, immutable' : 'no-store')
    },
  })
  return (request, response) => {
    const { url = '', method } = request
    if (method !== 'GET' && method !== 'HEAD') return false
    const path = url.slice(root.length)
    if (!path.startsWith('/')) {
      // Relative, as all addresses of the page are: a proxy may have it elsewhere.
      response.writeHead(308, { Location: `admin/${path}` }).end()
      return true
    }
    let isThere = true
    response.once('pipe', (file) => file.once('error', () => response.destroy()))
    // As routers mount what is below them.
    request.url = path
    files(request, response, () => {
      isThere = false
    })
    request.url = url
    return isThere
  }
}
