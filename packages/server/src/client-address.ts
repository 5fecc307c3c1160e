import { isIP } from 'node:net'

/**
 * Where a request comes from. Each proxy adds the address that it was asked from to the end of `X-Forwarded-For`, so the
 * last `proxies` entries can be believed, and the first of those is the client's. What stands before them, anybody can write.
 */
export function clientAddress(
  socketAddress: string | undefined,
  forwardedFor: string | string[] | undefined,
  proxies: number,
): string | undefined {
  if (proxies === 0 || forwardedFor === undefined) return socketAddress
  const said = [forwardedFor]
    .flat()
    .join(',')
    .split(',')
    .map((each) => each.trim().replace(/^\[(.*)\](:\d+)?$/, '$1'))
  const address = said.at(-proxies) ?? said[0]
  return address !== undefined && isIP(address) > 0 ? address : socketAddress
}
