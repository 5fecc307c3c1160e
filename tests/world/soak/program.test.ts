import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'

const script = fileURLToPath(new URL('../../../scripts/soak.mjs', import.meta.url))

/** Runs it as an operator does, to its end. */
function soak(...args: readonly string[]): Promise<{ readonly code: unknown; readonly said: string }> {
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [script, ...args], (error, stdout, stderr) =>
      resolve({ code: error?.code ?? 0, said: stdout + stderr }),
    )
    onTestFinished(() => void child.kill())
  })
}

test('a soak tells what happened and what came of it, and ends with 1 when one thing is out of its bound', async () => {
  const { code, said } = await soak('--minutes', '0.2', '--clients', '12', '--seed', '1', '--max-memory-mb', '10')
  const lines = said.split('\n')
  expect(
    lines.filter((line) => line.startsWith('✗')),
    said,
  ).toEqual([expect.stringMatching(/^✗ the most memory .*\(at most 10\.0 MiB\)$/)])
  expect(lines.filter((line) => line.startsWith('✓'))).toHaveLength(14)
  expect(said).toMatch(/What happened: .*visitor.*fresh restart of a server that crashes.*[1-9]\d* × hostile case/)
  expect(said).toContain('1 out of bounds.')
  expect(code).toBe(1)
}, 120_000)

test('a value that makes no sense ends it with one line', async () => {
  expect(await soak('--minutes', 'long')).toEqual({
    code: 1,
    said: '--minutes is "long"; wanted: a number from 0.1 to 10000.\n',
  })
})
