/** As much of a `.cpuprofile` as is needed here. */
export interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number
    readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number }
  }[]
  readonly samples?: readonly number[]
  readonly timeDeltas?: readonly number[]
}

export interface HotFunction {
  readonly name: string
  /** Of the time in which the loop did anything. */
  readonly share: number
}

const idleName = '(idle)'

/** Where the time went itself, not in what was called from there. */
export function topFunctions({ nodes, samples = [], timeDeltas = [] }: CpuProfile, count: number): HotFunction[] {
  const names = new Map(nodes.map(({ id, callFrame }) => [id, nameOf(callFrame)]))
  const micros = new Map<string, number>()
  for (const [index, id] of samples.entries()) {
    const name = names.get(id) ?? ''
    micros.set(name, (micros.get(name) ?? 0) + (timeDeltas[index] ?? 0))
  }
  micros.delete(idleName)
  const all = [...micros.values()].reduce((sum, one) => sum + one, 0)
  return [...micros]
    .map(([name, one]) => ({ name, share: one / all }))
    .sort((a, b) => b.share - a.share)
    .slice(0, count)
}

function nameOf({ functionName, url, lineNumber }: CpuProfile['nodes'][number]['callFrame']): string {
  const file = url.split('/').slice(-2).join('/')
  return `${functionName || '(anonymous)'}${file === '' ? '' : ` ${file}:${lineNumber + 1}`}`
}
