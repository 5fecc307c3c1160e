import { usePresenceClient } from '@app/react'
import { useEffect, useRef } from 'react'
import { useFrameWords } from '../frame.ts'
import { countCommits } from './commits.ts'
import { trafficOf } from './traffic.ts'

const everyMs = 1_000
const shownSeconds = 30

interface MeterProps {
  readonly isOpen: boolean
}

/**
 * What this tab does each second. The numbers are written to the page once a second past React, so that showing them is not
 * itself a commit; what is counted are the commits of the whole page.
 */
export function Meter({ isOpen }: MeterProps) {
  const client = usePresenceClient()
  const words = useFrameWords()
  const list = useRef<HTMLDListElement>(null)

  useEffect(() => {
    const rows = [...(list.current?.children ?? [])].map((row) => rowOf(row as HTMLElement))
    let last = { commits: countCommits(), messages: 0, bytes: 0, traffic: trafficOf(client.clientId) }
    let lastAtMs = performance.now()
    const timer = setInterval(() => {
      const nowAtMs = performance.now()
      const traffic = trafficOf(client.clientId)
      const now = { commits: countCommits(), messages: traffic?.messages ?? 0, bytes: traffic?.bytes ?? 0, traffic }
      // Another socket has counted from its own beginning.
      const base = traffic === last.traffic ? last : { messages: 0, bytes: 0 }
      const perSecond = 1_000 / (nowAtMs - lastAtMs)
      const totals = [now.commits, now.messages, now.bytes]
      const rates = [now.commits - last.commits, now.messages - base.messages, now.bytes - base.bytes]
      for (const [i, row] of rows.entries()) row.show((rates[i] ?? 0) * perSecond, totals[i] ?? 0)
      last = now
      lastAtMs = nowAtMs
    }, everyMs)
    return () => clearInterval(timer)
  }, [client])

  return (
    <details className="meter" open={isOpen} data-testid="meter">
      <summary>{words.meter}</summary>
      <dl ref={list} className="meter-rows">
        {(['commits', 'messages', 'bytes'] as const).map((what) => (
          <div key={what} className="meter-row" data-testid={`${what}-per-second`}>
            <dt>{words[what]}</dt>
            <dd>0</dd>
            <svg viewBox={`0 0 ${shownSeconds - 1} 10`} preserveAspectRatio="none" aria-hidden="true">
              <polyline points="" vectorEffect="non-scaling-stroke" />
            </svg>
          </div>
        ))}
      </dl>
      <p className="hint">{words.meterHint}</p>
    </details>
  )
}

/** Writes to one row, and draws its last half minute. */
function rowOf(row: HTMLElement): { show(rate: number, total: number): void } {
  const number = row.querySelector('dd')
  const line = row.querySelector('polyline')
  const rates: number[] = Array.from({ length: shownSeconds }, () => 0)
  return {
    show(rate, total) {
      rates.push(rate)
      rates.shift()
      row.dataset['total'] = String(total)
      row.dataset['rate'] = String(Math.round(rate))
      if (number) number.textContent = Math.round(rate).toLocaleString('en')
      const most = Math.max(1, ...rates)
      line?.setAttribute('points', rates.map((each, at) => `${at},${(9.5 - (each / most) * 9).toFixed(1)}`).join(' '))
    },
  }
}
