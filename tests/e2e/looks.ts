/** What a page of the demo shows, from a moment on. */
export interface Look {
  readonly atMs: number
  /** How many tabs each of the people in the list has. */
  readonly people: Readonly<Record<string, number>>
  /** Of the connection, in the words of the page. */
  readonly status: string
}

/** Runs in the page, before anything else there: notes in `window.looks` all that it comes to show, and when. */
export function keepLooking(): void {
  const looks: Look[] = []
  let last = ''
  const look = () => {
    const people: Record<string, number> = {}
    for (const member of document.querySelectorAll<HTMLElement>('[data-testid="member"]')) {
      const tabs = member.querySelector<HTMLElement>('[data-testid="tab-count"]')?.dataset['count']
      people[member.dataset['name'] ?? ''] = Number(tabs ?? 1)
    }
    const status = document.querySelector<HTMLElement>('[data-testid="connection-status"]')?.dataset['status'] ?? ''
    const now = JSON.stringify([people, status])
    if (now === last) return
    last = now
    looks.push({ atMs: Date.now(), people, status })
  }
  // No timer and no frame: it notes as well in a page that gets none.
  new MutationObserver(look).observe(document, { childList: true, subtree: true, attributes: true })
  Object.assign(window, { looks })
}

/** Runs in the page: its timers run at whole multiples of `everyMs` only, as those of a page that has long been hidden. */
export function clampTimers(everyMs: number): void {
  const later = window.setTimeout.bind(window)
  const cancel = window.clearTimeout.bind(window)
  const underWay = new Map<number, number>()
  let last = 0
  const start = (id: number, run: () => void, delayMs: number, isRepeated: boolean): void => {
    const nowMs = performance.now()
    const atMs = Math.ceil((nowMs + delayMs) / everyMs) * everyMs
    const due = () => {
      if (isRepeated) start(id, run, delayMs, true)
      else underWay.delete(id)
      run()
    }
    underWay.set(id, later(due, atMs - nowMs))
  }
  const starter =
    (isRepeated: boolean) =>
    (run: (...args: unknown[]) => void, delayMs = 0, ...args: unknown[]): number => {
      start(++last, () => run(...args), delayMs, isRepeated)
      return last
    }
  const stop = (id: number): void => {
    cancel(underWay.get(id))
    underWay.delete(id)
  }
  Object.assign(window, {
    setTimeout: starter(false),
    setInterval: starter(true),
    clearTimeout: stop,
    clearInterval: stop,
  })
}

/** Runs in the page: notes in `window.ticks` when its timers run, one of which is due each second. */
export function keepTicking(): void {
  const ticks: number[] = []
  Object.assign(window, { ticks })
  setInterval(() => ticks.push(Date.now()), 1_000)
}

/** Runs in the page: its title stays as it is. Chromium does not throttle a page for a while that has changed its title. */
export function keepTitle(): void {
  Object.defineProperty(document, 'title', { get: () => '', set: () => {} })
}
