'use client'
import { useEffect, useRef, useState } from 'react'
import { usePresenceClient } from './usePresenceClient.ts'

// Who types for a moment and stops need not be told of.
const settleMs = 1_000
// A reader is interrupted no more often than this.
const everyMs = 10_000

/**
 * What a screen reader is told of a line that changes often: the newest of it, once it has stood for a moment, and seldom. That
 * the line is empty is told at once and makes no sound; the same words after it are news again.
 */
export function useAnnouncement(line: string): string {
  const { clock } = usePresenceClient()
  const [told, setTold] = useState('')
  const toldAtMs = useRef(Number.NEGATIVE_INFINITY)
  /** Since when the line is another than what was told. */
  const changedAtMs = useRef<number | null>(null)
  useEffect(() => {
    if (line === told) {
      changedAtMs.current = null
      return
    }
    const nowMs = clock.monotonicMs()
    changedAtMs.current ??= nowMs
    const atMs = line === '' ? nowMs : Math.max(changedAtMs.current + settleMs, toldAtMs.current + everyMs)
    return clock.after(atMs - nowMs, () => {
      if (line !== '') toldAtMs.current = clock.monotonicMs()
      setTold(line)
    })
  }, [clock, line, told])
  return told
}
