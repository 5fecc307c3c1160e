import { PresenceError, type PresenceErrorCode } from '@app/protocol'
import type { Counters } from './counters.ts'
import type { Logger } from './logger.ts'

// Enough to see what goes on, few enough that nobody can fill a disk with them.
const linesPerMinute = 5

/** What is known of who was refused. Never data, a token, a room or the sentence, which may quote one of them. */
export interface Refused {
  readonly clientId?: number | undefined
  readonly address?: string | undefined
  /** What was asked for. */
  readonly event?: string | undefined
}

/** Counts what is refused, and says it in the log: a few of each code a minute, and then how many more there were. */
export class RefusalLog {
  readonly #options: { readonly counters: Counters; readonly logger: Logger; readonly logAddresses: boolean }
  readonly #thisMinute = new Map<PresenceErrorCode, number>()

  constructor(options: { readonly counters: Counters; readonly logger: Logger; readonly logAddresses: boolean }) {
    this.#options = options
  }

  refused(error: unknown, { clientId, address, event }: Refused): void {
    const code = error instanceof PresenceError ? error.code : 'internal'
    const { counters, logger, logAddresses } = this.#options
    counters.refused[code]++
    const count = (this.#thisMinute.get(code) ?? 0) + 1
    this.#thisMinute.set(code, count)
    if (count > linesPerMinute) return
    // Which rule of a token was broken, as jose calls it.
    const { reason } = error as { readonly reason?: unknown }
    logger.info({ code, reason, event, clientId, ...(logAddresses && { address }) }, 'Refused.')
  }

  /** To be called once a minute, and in the end. */
  tellLeftOut(): void {
    for (const [code, count] of this.#thisMinute) {
      const leftOut = count - linesPerMinute
      if (leftOut > 0) this.#options.logger.info({ code, leftOut }, 'Refused so many more, of which there is no line.')
    }
    this.#thisMinute.clear()
  }
}
