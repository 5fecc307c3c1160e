/** Lets an error of the application's own code surface as an uncaught one, in a turn of its own (P10). */
export function surface(error: unknown): void {
  setTimeout(() => {
    if (typeof globalThis.reportError === 'function') globalThis.reportError(error)
    else throw error
  })
}
