/** What a server told of itself at one moment: names with the sum over their labels. */
export type Sample = { readonly atMs: number; readonly values: ReadonlyMap<string, number> }

/** Reads the text format of Prometheus. What is no number of a metric is passed over. */
export function parseMetrics(text: string, atMs: number): Sample {
  const values = new Map<string, number>()
  for (const line of text.split('\n')) {
    const [, name, said] = /^([a-z_:][\w:]*)(?:\{.*\})? (\S+)/i.exec(line) ?? []
    const value = Number(said)
    if (name !== undefined && !Number.isNaN(value)) values.set(name, (values.get(name) ?? 0) + value)
  }
  return { atMs, values }
}

/** One line of a chart, from a sample and the one before it; undefined where they do not tell. */
export type Reading = (now: Sample, before: Sample | undefined) => number | undefined

/** As it stands. */
export function gauge(name: string): Reading {
  return ({ values }) => values.get(name)
}

/** How many a second since the sample before. After a restart a counter begins anew: then it is not known. */
export function rate(name: string): Reading {
  return (now, before) => {
    const more = increase(name, now, before)
    return before === undefined || more === undefined ? undefined : (more * 1_000) / (now.atMs - before.atMs)
  }
}

/** The mean of what a histogram was given since the sample before, in ms; of nothing there is no mean. */
export function meanMs(name: string): Reading {
  return (now, before) => {
    const count = increase(`${name}_count`, now, before)
    const sum = increase(`${name}_sum`, now, before)
    return count === undefined || sum === undefined || count === 0 ? undefined : (sum * 1_000) / count
  }
}

function increase(name: string, now: Sample, before: Sample | undefined): number | undefined {
  const [to, from] = [now.values.get(name), before?.values.get(name)]
  return to === undefined || from === undefined || before === undefined || now.atMs <= before.atMs || to < from
    ? undefined
    : to - from
}

/** What one reading was in each sample. */
export function seriesOf(samples: readonly Sample[], reading: Reading): (number | undefined)[] {
  return samples.map((sample, at) => reading(sample, samples[at - 1]))
}

/** Keeps the last `spanMs`, and one sample more to compare the first with. */
export function withSample(samples: readonly Sample[], next: Sample, spanMs: number): readonly Sample[] {
  const from = samples.findIndex(({ atMs }) => atMs >= next.atMs - spanMs)
  return [...(from === -1 ? samples.slice(-1) : samples.slice(Math.max(0, from - 1))), next]
}
