import { PresenceError } from '@app/protocol'

/** Where a connection comes from, as far as its handshake tells. */
export interface Knock {
  readonly origin: string | undefined
  /** The `Host` that was asked for; through proxies that are believed, the one that the first of them was asked for. */
  readonly host: string | undefined
  readonly address: string | undefined
  /** It came through a proxy that says so. */
  readonly isForwarded: boolean
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
}

/**
 * Who is let in at all. `loopback`: there is no authentication and nobody asked for an open server, so only this machine
 * is (A4). Pages are let in of the server's own origin and of those in `origins`, and, on loopback, of this machine.
 */
export interface Policy {
  readonly mode: 'auth' | 'open' | 'loopback'
  readonly origins: readonly string[] | undefined
}

/** Throws `bad-options` for an address at which a server that lets in everyone would be reached by others unasked. */
export function checkHost(mode: Policy['mode'], host: string): void {
  if (mode !== 'loopback' || isLoopbackHost(host)) return
  throw new PresenceError(
    'bad-options',
    `Listening on ${host} would let in everyone, and there is no authentication. Use 127.0.0.1, or say that this is meant with open: true (--open, PRESENCE_OPEN=1).`,
  )
}

/** Throws `origin-refused`, `proxy-refused` or `unauthorized` for a connection that is not let in. */
export function admit(knock: Knock, policy: Policy): void {
  if (policy.mode === 'loopback') admitLoopback(knock)
  if (!isOriginAllowed(knock, policy)) {
    throw new PresenceError(
      'origin-refused',
      policy.mode === 'loopback'
        ? `Without authentication only pages of this machine are let in, not ${knock.origin}. Set PRESENCE_JWT_SECRET, name the origin in PRESENCE_ORIGINS, or start the server with --open.`
        : `Pages of ${knock.origin} are not let in, since this server is ${knock.host ?? 'without a name'}. Name the origin in PRESENCE_ORIGINS to let it in.`,
    )
  }
}

function admitLoopback({ host, address, isForwarded }: Knock): void {
  if (isForwarded) {
    throw new PresenceError(
      'proxy-refused',
      'This request came through a proxy, and without authentication only this machine is let in. Set PRESENCE_JWT_SECRET to let in users with tokens, or start the server with --open to let in everyone.',
    )
  }
  if (address !== undefined && !isLoopbackAddress(address)) {
    throw new PresenceError(
      'unauthorized',
      `Without authentication only this machine is let in, not ${address}. Start the server with --open to let in everyone.`,
    )
  }
  // A page can point its own name at this machine, and then asks without an Origin.
  if (host !== undefined && !isLoopbackHost(hostname(host))) {
    throw new PresenceError(
      'origin-refused',
      `Without authentication this server answers to localhost only, not to ${host}. Start it with --open to lift this.`,
    )
  }
}

/** Whether a page may connect. Without an origin it is no page. */
export function isOriginAllowed({ origin, host }: Pick<Knock, 'origin' | 'host'>, policy: Policy): boolean {
  if (origin === undefined) return true
  if (policy.origins?.some((allowed) => allowed === '*' || allowed === origin)) return true
  if (!URL.canParse(origin)) return false
  const page = new URL(origin)
  // A name of this machine's is not enough on loopback: a page can point its own name at it.
  if (policy.mode === 'loopback') return isLoopbackHost(page.hostname)
  return host !== undefined && isSameHost(page, host)
}

/** A proxy may have taken the TLS off, so the scheme may be another than the page's. */
function isSameHost(page: URL, host: string): boolean {
  const asked = `${page.protocol}//${host}`
  return page.host !== '' && URL.canParse(asked) && new URL(asked).host === page.host
}

/** Whether it is written as browsers write an origin, or `*` for all of them. */
export function isOrigin(value: unknown): value is string {
  return typeof value === 'string' && (value === '*' || (URL.canParse(value) && new URL(value).origin === value))
}

/** Whether a name or address to listen on is reached from this machine only. */
export function isLoopbackHost(host: string): boolean {
  return host === 'localhost' || host.endsWith('.localhost') || isLoopbackAddress(host.replace(/^\[(.*)\]$/, '$1'))
}

export function isLoopbackAddress(address: string): boolean {
  return address === '::1' || /^(::ffff:)?127(\.\d{1,3}){3}$/i.test(address)
}

/** A `Host` without its port. */
export function hostname(host: string): string {
  return host.toLowerCase().replace(/:\d*$/, '')
}
