'use client'
import { useContext, useEffect, useState } from 'react'
import { InvisibleContext } from './InvisibleContext.ts'
import { OwnEntry } from './OwnEntry.ts'
import type { UsedRoom } from './useRoom.ts'

/** Keeps my entry in a room for as long as the component is there. Bad data throws in the effect, so to the error boundary. */
export function useOwnEntry<In>(
  { client, room }: UsedRoom<In, unknown>,
  data: In | undefined,
  ttlMs: number | undefined,
  status: string | undefined,
): OwnEntry<In> {
  const [own] = useState(() => new OwnEntry<In>())
  const text = textOf(data)
  const isInvisible = useContext(InvisibleContext)
  useEffect(() => {
    if (room) return own.use(client, room, { data, text, ttlMs, status, isInvisible })
    own.ignore()
    return undefined
    // Data of the same text is the same data.
    // oxlint-disable-next-line react/exhaustive-deps
  }, [own, client, room, text, ttlMs, status, isInvisible])
  return own
}

/** What JSON cannot carry gets a text as well: then the effect puts it, and the error says what is wrong. */
function textOf(data: unknown): string | undefined {
  if (data === undefined) return undefined
  try {
    return JSON.stringify(data) ?? 'no JSON'
  } catch {
    return 'no JSON'
  }
}
