/**
 * Counts who holds something, and calls `letGo` when nobody does any more by the end of the turn. The wait is for
 * React: StrictMode, a moved component and hot reloading run a cleanup and at once the effect again, and neither may
 * cost a leave or a connection.
 */
export function hold(letGo: () => void): () => () => void {
  let holders = 0
  return () => {
    holders++
    let isHeld = true
    return () => {
      if (!isHeld) return
      isHeld = false
      holders--
      queueMicrotask(() => {
        if (holders === 0) letGo()
      })
    }
  }
}
