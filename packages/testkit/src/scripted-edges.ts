import { FakeClock } from './fake-clock.ts'
import { ScriptedServer } from './scripted-server.ts'

interface PageEvents {
  readonly onHide: () => void
  readonly onShow: () => void
  readonly onHint: () => void
}

/** A page that a test hides and shows by hand. */
class ScriptedPage {
  #listener: PageEvents | null = null

  readonly watch = (page: PageEvents): (() => void) => {
    this.#listener = page
    return () => {
      this.#listener = null
    }
  }

  get isWatched(): boolean {
    return this.#listener !== null
  }

  hide(): void {
    this.#listener?.onHide()
  }

  show(): void {
    this.#listener?.onShow()
  }

  /** The network is back, or the page is seen again. */
  hint(): void {
    this.#listener?.onHint()
  }
}

/** The edges of a client (`new Client(options, edges)`), all in the hands of a test. */
export function scriptedEdges(clientId = 7) {
  const clock = new FakeClock()
  const page = new ScriptedPage()
  const server = new ScriptedServer(() => clock.wallMs())
  return {
    clock,
    page,
    server,
    // The shortest wait: a lost connection is tried again at once.
    random: () => 0,
    identity: { clientId, secret: clientId.toString(16).padStart(32, '0') },
    connect: server.connect,
    watchPage: page.watch,
  }
}
