import { copyFileSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { lookAtDatabase } from './sqlite-check.ts'
import { openDatabase } from './sqlite-file.ts'

test('a database with a log and no index of it is looked at in a copy: no file is made that could be another user’s', () => {
  const directory = mkdtempSync(join(tmpdir(), 'presence-'))
  onTestFinished(() => rmSync(directory, { recursive: true }))
  const file = join(directory, 'presence.db')
  const left = join(directory, 'left.db')
  const database = openDatabase(file)
  database.pragma('wal_checkpoint(TRUNCATE)')
  database.exec("INSERT INTO clients VALUES (1, 'hash', NULL, 0)")
  for (const end of ['', '-wal']) copyFileSync(file + end, left + end)
  database.close()
  const before = readdirSync(directory)
  expect(before).toContain('left.db-wal')
  expect(lookAtDatabase(left)).toMatchObject({ clients: 1 })
  expect(readdirSync(directory)).toEqual(before)
})
