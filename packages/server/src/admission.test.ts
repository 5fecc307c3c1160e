import { expect, test } from 'vitest'
import { admit, isLoopbackHost, isOriginAllowed, type Knock, type Policy } from './admission.ts'

const loopback: Policy = { mode: 'loopback', origins: undefined }
const here: Knock = { origin: undefined, host: 'localhost:4400', address: '127.0.0.1', isForwarded: false, headers: {} }

function codeOf(knock: Partial<Knock>, policy = loopback): unknown {
  try {
    admit({ ...here, ...knock }, policy)
  } catch (error) {
    return (error as { code?: string }).code
  }
  return 'let in'
}

test('[A4] without authentication, pages of this machine and programs without an origin are let in', () => {
  const origins = [
    undefined,
    'http://localhost',
    'http://localhost:5173',
    'https://127.0.0.1:8443',
    'http://[::1]:3000',
    'http://app.localhost',
  ]
  for (const origin of origins) expect(codeOf({ origin }), String(origin)).toBe('let in')
  for (const address of ['::1', '::ffff:127.0.0.1', '127.0.0.2']) expect(codeOf({ address }), address).toBe('let in')
})

test('[A4] pages of other origins are refused', () => {
  const origins = [
    'https://evil.example',
    'http://localhost.evil.example',
    'http://127.0.0.1.evil.example',
    'null',
    'file://',
    '',
  ]
  for (const origin of origins) expect(codeOf({ origin }), origin).toBe('origin-refused')
})

test('[A4] a request that came through a proxy is refused, with a sentence that names --open', () => {
  expect(codeOf({ isForwarded: true })).toBe('proxy-refused')
  expect(() => admit({ ...here, isForwarded: true }, loopback)).toThrow('--open')
})

test('[A4] other machines, and names that only point to this one, are refused', () => {
  expect(codeOf({ address: '192.168.1.7' })).toBe('unauthorized')
  expect(codeOf({ host: 'evil.example:4400' })).toBe('origin-refused')
  expect(codeOf({ host: '[::1]:4400' })).toBe('let in')
})

test('[A4] an open server and one with authentication let in pages of their own origin, and the origins that are named', () => {
  for (const mode of ['open', 'auth'] as const) {
    const far = { origin: 'https://app.example', address: '192.168.1.7', host: 'presence.example', isForwarded: true }
    expect(codeOf(far, { mode, origins: undefined })).toBe('origin-refused')
    for (const host of ['app.example', 'app.example:443', 'APP.example'])
      expect(codeOf({ ...far, host }, { mode, origins: undefined }), host).toBe('let in')
    for (const host of ['app.example:8443', 'app.example.evil.example', 'example', '', undefined])
      expect(codeOf({ ...far, host }, { mode, origins: undefined }), host).toBe('origin-refused')
    expect(codeOf({ ...far, origin: 'null', host: 'null' }, { mode, origins: undefined })).toBe('origin-refused')
    expect(codeOf(far, { mode, origins: ['https://app.example'] })).toBe('let in')
    expect(codeOf(far, { mode, origins: ['*'] })).toBe('let in')
    expect(codeOf(far, { mode, origins: ['https://other.example'] })).toBe('origin-refused')
    expect(codeOf({ ...far, origin: undefined }, { mode, origins: ['https://other.example'] })).toBe('let in')
  }
})

test('[A4] origins that are named are let in beside those of this machine', () => {
  const policy: Policy = { mode: 'loopback', origins: ['https://app.example'] }
  expect(isOriginAllowed({ origin: 'https://app.example', host: 'localhost:4400' }, policy)).toBe(true)
  expect(isOriginAllowed({ origin: 'http://localhost:1', host: 'localhost:4400' }, policy)).toBe(true)
  expect(isOriginAllowed({ origin: 'https://evil.example', host: 'evil.example' }, policy)).toBe(false)
})

test('loopback is told from what looks like it', () => {
  for (const host of ['localhost', '127.0.0.1', '127.1.2.3', '::1', '[::1]', 'a.localhost'])
    expect(isLoopbackHost(host)).toBe(true)
  for (const host of ['0.0.0.0', '::', '', '127.0.0.1.example', '1127.0.0.1', 'localhost.example'])
    expect(isLoopbackHost(host)).toBe(false)
})
