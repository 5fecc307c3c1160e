import { isIPv6 } from 'node:net'
import { PresenceError } from '@app/protocol'
import { isLoopbackAddress } from './admission.ts'
import type { Known } from './authenticate.ts'
import { userKey } from './place.ts'

export interface CrowdLimits {
  readonly userConnections: number
  readonly addressConnections: number
}

/** A connection, as far as it is counted. */
export interface Counted {
  readonly clientId: number
  readonly identity: Known
  readonly address: string | undefined
}

// One of the others may have gone by then.
const retryMs = 10_000

/** How many connections each user and each address has. */
export class Crowd<Connection extends Counted> {
  readonly #limits: CrowdLimits
  readonly #members = new Map<string, Set<Connection>>()
  readonly #names = new Map<Connection, readonly string[]>()

  constructor(limits: CrowdLimits) {
    this.#limits = limits
  }

  /** Throws `too-many-connections`. A connection that the client has already, and that this one replaces, is not counted. */
  check({ clientId, identity, address }: Counted): void {
    this.checkAddress(clientId, address)
    const { userConnections } = this.#limits
    if (this.#isFull(userName(identity), userConnections, clientId))
      throw tooMany(`This user has ${userConnections} connections`)
  }

  /** The part of it that can be known before anybody is asked who it is. */
  checkAddress(clientId: number, address: string | undefined): void {
    const { addressConnections } = this.#limits
    if (this.#isFull(addressName(address), addressConnections, clientId))
      throw tooMany(`This address has ${addressConnections} connections`)
  }

  /** Counts a connection; one that was counted already, as who it is now. */
  join(connection: Connection): void {
    this.leave(connection)
    const names = [userName(connection.identity), addressName(connection.address)].filter((name) => name !== undefined)
    this.#names.set(connection, names)
    for (const name of names) {
      const members = this.#members.get(name)
      if (members) members.add(connection)
      else this.#members.set(name, new Set([connection]))
    }
  }

  leave(connection: Connection): void {
    for (const name of this.#names.get(connection) ?? []) {
      const members = this.#members.get(name)
      members?.delete(connection)
      if (members?.size === 0) this.#members.delete(name)
    }
    this.#names.delete(connection)
  }

  #isFull(name: string | undefined, limit: number, clientId: number): boolean {
    const members = name === undefined ? undefined : this.#members.get(name)
    if (!members || members.size < limit) return false
    return [...members].filter((member) => member.clientId !== clientId).length >= limit
  }
}

function userName({ user, tenant }: Known): string | undefined {
  return user && `user ${userKey(tenant, user.id)}`
}

/**
 * Who has an IPv6 address has a whole /64 of them. Loopback is a program of this machine or a proxy on it, and says
 * nothing of who comes.
 */
function addressName(address: string | undefined): string | undefined {
  if (address === undefined || isLoopbackAddress(address)) return undefined
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, '')
  return `address ${isIPv6(plain) ? networkOf(plain) : plain}`
}

function networkOf(address: string): string {
  const [head = '', tail] = address.toLowerCase().split('::')
  const left = head === '' ? [] : head.split(':')
  const right = tail === undefined || tail === '' ? [] : tail.split(':')
  const middle = tail === undefined ? [] : Array.from({ length: 8 - left.length - right.length }, () => '0')
  return [...left, ...middle, ...right]
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, ''))
    .join(':')
}

function tooMany(what: string): PresenceError {
  return new PresenceError('too-many-connections', `${what}, which is as many as it may have. Close one, or wait.`, {
    canRetry: true,
    retryAfterMs: retryMs,
  })
}
