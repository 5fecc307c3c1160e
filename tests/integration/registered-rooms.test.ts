import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { root, runScript } from './script.ts'

const folder = join(root, 'test-results', 'registered')

test('where rooms are registered, the compiler says which keys there are, and what belongs into a room', async () => {
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  const registered = join(root, 'tests', 'registered')
  writeFileSync(
    join(folder, 'tsconfig.json'),
    JSON.stringify({
      extends: join(registered, 'tsconfig.json'),
      compilerOptions: { tsBuildInfoFile: join(folder, 'build.tsbuildinfo') },
      include: ['wrong.ts', join(registered, 'rooms.ts')],
    }),
  )
  const lines = [
    "import { usePresence, useTyping } from '@app/react'",
    "usePresence('pr:bord')",
    "useTyping('pr:bord')",
    "usePresence('pr:room-7', { data: { status: 'gone' } })",
    "usePresence('pr:board', { data: { x: 1 }, status: 'idle' })",
  ]
  writeFileSync(join(folder, 'wrong.ts'), lines.join('\n'))
  const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc')
  const { code, output } = await runScript(process.execPath, [tsc, '-p', folder]).ended
  expect(code).not.toBe(0)
  const keys = '"pr:board" | "pr:desk" | `pr:docs/${string}` | `pr:room-${string}`'
  const sentences = output.split('\n').filter((line) => line.includes('is not assignable'))
  expect(sentences.map((line) => line.replace(/^.*error TS\d+: /, '').trim())).toEqual([
    `Argument of type '"pr:bord"' is not assignable to parameter of type '${keys}'.`,
    `Argument of type '"pr:bord"' is not assignable to parameter of type '${keys}'.`,
    `Type '"gone"' is not assignable to type '"away" | "here"'.`,
    `Type 'string' is not assignable to type 'undefined'.`,
  ])
})
