/** What a soak runs with; throws a sentence for a value that makes no sense. */
export function wholeSoak({ minutes = '30', clients = '100', seed, 'max-memory-mb': memory = '512' }) {
  return {
    minutes: number('--minutes', minutes, 0.1, 10_000),
    clients: number('--clients', clients, 8, 2_000),
    seed: number('--seed', seed ?? String(Math.floor(Math.random() * 1_000_000)), 0, 2 ** 31),
    memoryMaxMb: number('--max-memory-mb', memory, 1, 1_000_000),
  }
}

function number(name, said, min, max) {
  const value = /^\d+(\.\d+)?$/.test(said) ? Number(said) : Number.NaN
  if (value >= min && value <= max && (name === '--minutes' || Number.isInteger(value))) return value
  throw new Error(`${name} is "${said}"; wanted: a number from ${min} to ${max}.`)
}

/** The report for people. */
export function sayReport({ happened, clientErrors, lines }) {
  const list = (some) =>
    Object.entries(some)
      .map(([name, times]) => `${times} × ${name}`)
      .join(', ')
  const width = Math.max(...lines.map(({ name }) => name.length))
  const rows = lines.flatMap(({ name, measured, bound, isKept, what }) => [
    `${isKept ? '✓' : '✗'} ${name.padEnd(width)}  ${measured}${bound && ` (${bound})`}`,
    ...(isKept || !what ? [] : [what]),
  ])
  const broken = lines.filter(({ isKept }) => !isKept).length
  return [
    `What happened: ${list(happened)}`,
    `What clients were told: ${list(clientErrors) || 'nothing'}`,
    ...rows,
    broken === 0 ? 'Everything within its bound.' : `${broken} out of bounds.`,
  ].join('\n')
}
