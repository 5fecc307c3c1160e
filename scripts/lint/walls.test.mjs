import { expect, test } from 'vitest'
import { whyNot } from './walls.mjs'

const held = [
  ['packages/protocol/src/parse.ts', 'zod'],
  ['packages/protocol/src/parse.ts', 'node:crypto'],
  ['packages/protocol/src/parse.ts', 'effect/Schema'],
  ['packages/testkit/src/index.ts', '@app/client'],
  ['packages/client/src/client.ts', '@app/server'],
  ['packages/client/src/client.test.ts', '@app/server'],
  ['packages/client/src/client.ts', '@app/testkit'],
  ['packages/client/src/client.ts', 'ws'],
  ['packages/client/src/client.ts', 'effect/Schema'],
  ['packages/client/src/effect.ts', 'effect/Schema'],
  ['packages/client/src/client.ts', '../../server/src/index.ts'],
  ['packages/server/src/hub.ts', '@app/client'],
  ['packages/server/src/hub.ts', 'socket.io'],
  ['packages/server/src/stores/memory.ts', 'better-sqlite3'],
  ['packages/react/src/useOthers.ts', '@app/protocol'],
]

test.each(held)('a wall: %s may not import %s', (path, specifier) => {
  expect(whyNot(path, specifier)).toEqual(expect.any(String))
})

const open = [
  ['packages/protocol/src/parse.ts', './errors.ts'],
  ['packages/protocol/src/parse.test.ts', 'vitest'],
  ['packages/testkit/src/index.ts', '@app/protocol'],
  ['packages/client/src/client.ts', '@app/protocol'],
  ['packages/client/src/client.test.ts', '@app/testkit'],
  ['packages/client/src/web-socket-node.ts', 'ws'],
  ['packages/protocol/src/effect.ts', 'effect/Schema'],
  ['packages/protocol/src/schema.ts', '@standard-schema/spec'],
  ['packages/client/src/effect.ts', '@app/protocol/effect'],
  ['packages/server/src/socket-io.ts', 'socket.io'],
  ['packages/server/src/stores/sqlite.ts', 'better-sqlite3'],
  ['packages/server/src/stores/sqlite-migrations.ts', 'better-sqlite3'],
  ['packages/react/src/components/AvatarStack.tsx', '@app/client'],
  ['packages/react/src/components/AvatarStack.tsx', '../useOthers.ts'],
  ['tests/integration/rooms.test.ts', '@app/server'],
]

test.each(open)('a door: %s may import %s', (path, specifier) => {
  expect(whyNot(path, specifier)).toBeUndefined()
})
