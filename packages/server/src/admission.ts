import { PresenceError } from '@app/protocol'

/** Where a connection comes from, as far as its handshake tells. */
export interface Knock {
  readonly origin: string | undefined
  /** The `Host` that was asked for. */
  readonly host: string | undefined
  readonly address: string | undefined
  /** It came through a proxy that says so. */
  readonly isForwarded: boolean
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
}

/**
 * Who is let in at all. `loopback`: there is no authentication and nobody asked for an open server, so only this machine
 * is (A4). `origins` lets in pages of those origins; without it, `auth` and `open` let in every page.
 */
export interface Policy {
  readonly mode: 'auth' | 'open' | 'loopback'
  readonly origins: readonly string[] | undefined
}

/** Throws `origin-refused`, `proxy-refused` or `unauthorized` for a connection that is not let in. */
export function admit(knock: Knock, policy: Policy): void {
  if (policy.mode === 'loopback') admitLoopback(knock)
  if (!isOriginAllowed(knock.origin, policy)) {
    throw new PresenceError(
      'origin-refused',
      policy.mode === 'loopback'
        ? `Without authentication only pages of this machine are let in, not ${knock.origin}. Start the server with --open, or name the origin in PRESENCE_ORIGINS.`
        : `Pages of ${knock.origin} are not let in. Name the origin in PRESENCE_ORIGINS to let it in.`,
    )
  }
}

function admitLoopback({ host, address, isForwarded }: Knock): void {
  if (isForwarded) {
    throw new PresenceError(
      'proxy-refused',
      'This request came through a proxy, and without authentication only this machine is let in. Start the server with --open to let in everyone.',
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

/** Whether a page may connect. Without an origin it is no page, or one of the same origin. */
export function isOriginAllowed(origin: string | undefined, policy: Policy): boolean {
  if (origin === undefined) return true
  if (policy.origins?.some((allowed) => allowed === '*' || allowed === origin)) return true
  if (policy.mode !== 'loopback') return policy.origins === undefined
  return URL.canParse(origin) && isLoopbackHost(new URL(origin).hostname)
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
