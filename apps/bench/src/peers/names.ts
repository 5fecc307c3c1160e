/** Those that need nothing that we do not have anyway. `ours50` is ours at the pace of Colyseus, 50 ms; `oursAuth`
 * is ours with a token, a tenant, patterns of rooms and a schema to ask for each put. */
const ownPeerNames = ['ours', 'ws', 'tutorial', 'ours50', 'oursAuth'] as const
/** Those of others, with packages of their own: apps/bench/peers. */
const foreignPeerNames = ['colyseus', 'yjs', 'hocuspocus'] as const

/** In the order of a round: what is compared most stands next to each other. */
export const peerNames = [...ownPeerNames, ...foreignPeerNames] as const
export type PeerName = (typeof peerNames)[number]
type ForeignPeerName = (typeof foreignPeerNames)[number]

export function isForeign(name: PeerName): name is ForeignPeerName {
  return foreignPeerNames.some((foreign) => foreign === name)
}
