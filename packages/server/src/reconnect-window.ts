// At this pace the server takes clients back without falling behind.
const msPerClient = 5
const windowMinMs = 500
// Without a grace there is nothing to be back in time for; a few seconds spread a crowd well enough.
const windowWithoutGraceMs = 5_000

/** Within which time lost clients come back, each at a random moment (R5): well before the grace of the first ends. */
export function reconnectWindowMs(connectedClients: number, graceMs: number): number {
  const maxMs = graceMs > 0 ? Math.floor(graceMs / 3) : windowWithoutGraceMs
  return Math.min(maxMs, Math.max(windowMinMs, connectedClients * msPerClient))
}
