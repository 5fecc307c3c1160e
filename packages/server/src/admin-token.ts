import { createHash, timingSafeEqual } from 'node:crypto'
import type { Logger } from './logger.ts'

/** The secret of the operator. It goes nowhere: it can only be asked whether something is it. */
export interface AdminToken {
  /** Takes as long whatever it is given. */
  isSame(said: string): boolean
  /** Somebody came with another one. */
  failed(): void
}

// Who tries many does not fill the log: once a minute it says how many.
const tellEveryMs = 60_000

export function adminTokenOf(token: string, logger: Logger, monotonicMs: () => number): AdminToken {
  const wanted = hash(token)
  let attempts = 0
  let toldAtMs = -Infinity
  return {
    isSame: (said) => timingSafeEqual(hash(said), wanted),
    failed() {
      attempts++
      if (monotonicMs() - toldAtMs < tellEveryMs) return
      logger.warn({ attempts }, 'Somebody came with a wrong admin token, or with none.')
      toldAtMs = monotonicMs()
      attempts = 0
    },
  }
}

/** The token of an `Authorization: Bearer …`; of any other, nothing. */
export function bearerOf(authorization: string | undefined): string {
  return /^bearer +(\S+) *$/i.exec(authorization ?? '')?.[1] ?? ''
}

// Of one length, whatever they are of.
function hash(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
