/** How a server's process stood at a moment. */
export interface Sample {
  readonly atMs: number
  /** Which start of the server it is of, from 0. */
  readonly run: number
  readonly connections: number
  readonly entries: number
  /** What JavaScript holds, in bytes, garbage included. */
  readonly heapBytes: number
  /** All of the process's memory, in bytes. */
  readonly memoryBytes: number
  /** Sockets, files and timers that are open. */
  readonly handles: number
}

/** Reads `/metrics`. Throws when something is missing there. */
export function readSample(text: string, atMs: number, run: number): Sample {
  const sums = new Map<string, number>()
  for (const [, name = '', value] of text.matchAll(/^([a-z_]+)(?:\{.*\})? (\S+)$/gm))
    sums.set(name, (sums.get(name) ?? 0) + Number(value))
  const read = (name: string): number => {
    const sum = sums.get(name)
    if (sum === undefined) throw new Error(`/metrics does not tell ${name}.`)
    return sum
  }
  return {
    atMs,
    run,
    connections: read('presence_connections'),
    entries: read('presence_entries'),
    heapBytes: read('nodejs_heap_size_used_bytes'),
    memoryBytes: read('process_resident_memory_bytes'),
    handles: read('nodejs_active_resources_total'),
  }
}

/** How much the memory grew while the server ran longest. */
export interface Growth {
  readonly bytes: number
  /** What it was at first. */
  readonly fromBytes: number
  readonly overMs: number
}

// A server that has just started grows into its work.
const warmUpMs = 60_000

/**
 * From the first third of the longest run, without its warm-up, to the last: of each a low value, since garbage comes and
 * goes. Undefined when there is too little to tell.
 */
export function growthOf(samples: readonly Sample[]): Growth | undefined {
  const runs = new Map<number, Sample[]>()
  for (const sample of samples) runs.set(sample.run, [...(runs.get(sample.run) ?? []), sample])
  const warm = [...runs.values()].map(withoutWarmUp).sort((a, b) => spanOf(b) - spanOf(a))[0] ?? []
  const third = Math.floor(warm.length / 3)
  if (third < 4) return undefined
  const fromBytes = low(warm.slice(0, third))
  return { fromBytes, bytes: low(warm.slice(-third)) - fromBytes, overMs: spanOf(warm) }
}

function withoutWarmUp(run: readonly Sample[]): readonly Sample[] {
  const startedAtMs = run[0]?.atMs ?? 0
  return run.filter(({ atMs }) => atMs - startedAtMs >= warmUpMs)
}

function spanOf(run: readonly Sample[]): number {
  return (run.at(-1)?.atMs ?? 0) - (run[0]?.atMs ?? 0)
}

/** A tenth is lower: the very lowest may be an accident. */
function low(some: readonly Sample[]): number {
  const heaps = some.map(({ heapBytes }) => heapBytes).sort((a, b) => a - b)
  return heaps[Math.floor(heaps.length / 10)] ?? 0
}
