import { foreignClient } from './foreign.ts'
import type { PeerName } from './names.ts'
import type { Peer } from './peer.ts'

/** Loaded on demand, since some of them need packages that are not always installed. */
export const clients: Record<PeerName, () => Promise<Peer>> = {
  ours: async () => (await import('./ours-client.ts')).ours,
  ours50: async () => (await import('./ours-client.ts')).ours,
  oursAuth: async () => (await import('./ours-client.ts')).oursAuth,
  ws: async () => (await import('./ws-client.ts')).ws,
  tutorial: async () => (await import('./tutorial-client.ts')).tutorial,
  colyseus: () => foreignClient('colyseus'),
  yjs: () => foreignClient('yjs'),
  hocuspocus: () => foreignClient('hocuspocus'),
}
