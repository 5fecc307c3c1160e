import { foreignServer } from './foreign.ts'
import type { PeerName } from './names.ts'
import type { Serve } from './peer.ts'

/** Loaded on demand: a server's process holds its own peer and nothing of the others. */
export const servers: Record<PeerName, () => Promise<{ serve: Serve }>> = {
  ours: () => import('./ours-server.ts'),
  ws: () => import('./ws-server.ts'),
  ours50: async () => ({ serve: (await import('./ours-server.ts')).serveAt50 }),
  oursAuth: async () => ({ serve: (await import('./ours-server.ts')).serveGuarded }),
  tutorial: () => import('./tutorial-server.ts'),
  colyseus: () => foreignServer('colyseus'),
  yjs: () => foreignServer('yjs'),
  hocuspocus: () => foreignServer('hocuspocus'),
}
