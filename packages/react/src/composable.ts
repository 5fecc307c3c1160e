/** Handlers to spread onto an element. With handlers of your own for the same element: `{...bind.with({ onPointerMove })}`. */
export type Composable<H> = H & {
  /** Your props and ours in one: of a handler that both have, both run, yours first. */
  with<P extends object>(own: P): Omit<P, keyof H> & H
}

type Handler = (event: unknown) => void

/** Makes handlers composable. */
export function composable<H extends object>(ours: H): Composable<H> {
  const compose = (own: object) => {
    const all: Record<string, unknown> = { ...own }
    for (const [name, handler] of Object.entries(ours)) all[name] = both(all[name], handler as Handler)
    return all
  }
  // Not enumerable: spread onto an element, only the handlers get there.
  return Object.defineProperty({ ...ours }, 'with', { value: compose }) as Composable<H>
}

function both(first: unknown, second: Handler): Handler {
  return (event) => {
    // Ours runs whatever theirs does; an error in theirs is React's to tell.
    try {
      if (typeof first === 'function') (first as Handler)(event)
    } finally {
      second(event)
    }
  }
}
