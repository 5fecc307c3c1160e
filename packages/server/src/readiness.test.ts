import { expect, test } from 'vitest'
import { readiness } from './readiness.ts'

const well = { phase: 'running', isStoreFailing: false, lagMs: 0.4 } as const

test('a server that runs and is in time is ready', () => {
  expect(readiness(well)).toEqual({ code: 200, body: { status: 'ready', store: 'ok', lagMs: 0, draining: false } })
})

test('one that cannot write its store, or is a little late, is still sent clients, and says so', () => {
  expect(readiness({ ...well, isStoreFailing: true })).toMatchObject({
    code: 200,
    body: { status: 'degraded', store: 'failing' },
  })
  expect(readiness({ ...well, lagMs: 249 }).body.status).toBe('ready')
  expect(readiness({ ...well, lagMs: 250 })).toMatchObject({ code: 200, body: { status: 'degraded', lagMs: 250 } })
})

test('one that is very late, starts or stops is sent nobody', () => {
  expect(readiness({ ...well, lagMs: 1_000 })).toMatchObject({ code: 503, body: { status: 'overloaded' } })
  expect(readiness({ ...well, phase: 'starting' })).toMatchObject({ code: 503, body: { status: 'starting' } })
  expect(readiness({ ...well, phase: 'draining', isStoreFailing: true })).toEqual({
    code: 503,
    body: { status: 'draining', store: 'failing', lagMs: 0, draining: true },
  })
})
