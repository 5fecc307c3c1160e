/**
 * Orders the hellos of one client (L6): the run of the server, raised durably once per start, then a counter of the
 * handshakes as they came in. However long the server took to let each of them in, the later one is the newer connection.
 */
export interface Fence {
  readonly run: number
  readonly counter: number
}

export function isOlder(one: Fence, other: Fence): boolean {
  return one.run === other.run ? one.counter < other.counter : one.run < other.run
}
