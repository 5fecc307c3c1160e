/** In the order of a round: what is compared most stands next to each other. */
export const peerNames = ['ours', 'ws', 'tutorial'] as const
export type PeerName = (typeof peerNames)[number]
