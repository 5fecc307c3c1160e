import { memo } from 'react'
import { gauge, meanMs, rate, seriesOf, type Reading, type Sample } from '../metrics.ts'
import { linesOf, pathOf, topOf } from '../plot.ts'
import { lagName, shownMs } from '../useVitals.ts'
import { short } from '../words.ts'

interface Chart {
  readonly id: string
  readonly name: string
  readonly unit: string
  readonly reading: Reading
  /** What the top is at the least, so that nothing looks like a mountain. */
  readonly least: number
}

const charts: readonly Chart[] = [
  { id: 'connections', name: 'Connections', unit: '', reading: gauge('presence_connections'), least: 10 },
  { id: 'rooms', name: 'Rooms and parts', unit: '', reading: gauge('presence_rooms'), least: 10 },
  { id: 'entries', name: 'Entries', unit: '', reading: gauge('presence_entries'), least: 10 },
  { id: 'messages', name: 'Messages in', unit: '/s', reading: rate('presence_messages_received_total'), least: 10 },
  { id: 'puts', name: 'Puts', unit: '/s', reading: rate('presence_puts_total'), least: 10 },
  { id: 'deltas', name: 'Deltas out', unit: '/s', reading: rate('presence_deltas_sent_total'), least: 10 },
  { id: 'lag', name: 'Loop lag', unit: 'ms', reading: gauge(lagName), least: 50 },
  { id: 'store', name: 'SQLite batch', unit: 'ms', reading: meanMs('presence_store_batch_seconds'), least: 5 },
]

const leastMs = 20_000
const box = { width: 240, height: 56 } as const

export const Charts = memo(function Charts({ samples }: { readonly samples: readonly Sample[] }) {
  const atMs = samples.map((sample) => sample.atMs)
  return (
    <section aria-labelledby="charts-title">
      <h2 id="charts-title" className="visually-hidden">
        How the server fares
      </h2>
      <ul className="charts">
        {charts.map((chart) => (
          <ChartCard key={chart.id} chart={chart} atMs={atMs} values={seriesOf(samples, chart.reading)} />
        ))}
      </ul>
    </section>
  )
})

interface ChartCardProps {
  readonly chart: Chart
  readonly atMs: readonly number[]
  readonly values: readonly (number | undefined)[]
}

function ChartCard({ chart: { id, name, unit, least }, atMs, values }: ChartCardProps) {
  const known = values.filter((value) => value !== undefined)
  const most = Math.max(0, ...known)
  const last = values.at(-1)
  // A page that was just opened has not much to show: it is drawn wide all the same.
  const spanMs = Math.min(shownMs, Math.max(leastMs, (atMs.at(-1) ?? 0) - (atMs[0] ?? 0)))
  const lines = linesOf(atMs, values, spanMs, topOf(values, least))
  return (
    <li className="card chart" data-testid={`chart-${id}`} data-value={last}>
      <p className="chart-name">{name}</p>
      <p className="chart-value">
        {last === undefined ? '–' : short(last)}
        {unit !== '' && <span className="unit"> {unit}</span>}
      </p>
      <svg
        viewBox={`0 0 ${box.width} ${box.height}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={`${name} of late: ${known.length === 0 ? 'not known' : `up to ${short(most)} ${unit}`}`}
      >
        {lines.map((line) => {
          const path = pathOf(line, box.width, box.height - 2)
          const [from, to] = [line[0]?.x ?? 0, line.at(-1)?.x ?? 0].map((x) => (x * box.width).toFixed(1))
          return (
            <g key={to}>
              <path className="chart-area" d={`${path}L${to} ${box.height}L${from} ${box.height}Z`} />
              <path className="chart-line" d={path} vectorEffect="non-scaling-stroke" />
            </g>
          )
        })}
      </svg>
      <p className="chart-most muted">{known.length === 0 ? ' ' : `peak ${short(most)}`}</p>
    </li>
  )
}
