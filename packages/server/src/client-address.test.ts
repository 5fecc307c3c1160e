import { expect, test } from 'vitest'
import { clientAddress } from './client-address.ts'

test('without proxies, what a header says is not believed', () => {
  expect(clientAddress('192.0.2.1', '198.51.100.7', 0)).toBe('192.0.2.1')
  expect(clientAddress('192.0.2.1', undefined, 1)).toBe('192.0.2.1')
})

test('of several entries, as many from the end are believed as there are proxies', () => {
  const header = '203.0.113.9, 198.51.100.7, 192.0.2.5'
  expect(clientAddress('10.0.0.1', header, 1)).toBe('192.0.2.5')
  expect(clientAddress('10.0.0.1', header, 2)).toBe('198.51.100.7')
  expect(clientAddress('10.0.0.1', ['203.0.113.9', '198.51.100.7'], 1)).toBe('198.51.100.7')
  expect(clientAddress('10.0.0.1', '198.51.100.7', 3)).toBe('10.0.0.1')
})

test('what is no address is not taken for one', () => {
  expect(clientAddress('10.0.0.1', 'unknown', 1)).toBe('10.0.0.1')
  expect(clientAddress('10.0.0.1', '300.1.1.1', 1)).toBe('10.0.0.1')
})

test('with a port, or in brackets, it is an address too', () => {
  expect(clientAddress('10.0.0.1', '[2001:db8::7]:1234', 1)).toBe('2001:db8::7')
  expect(clientAddress('10.0.0.1', '[2001:db8::7]', 1)).toBe('2001:db8::7')
  expect(clientAddress('10.0.0.1', '2001:db8::7', 1)).toBe('2001:db8::7')
  expect(clientAddress('10.0.0.1', '203.0.113.9:5123', 1)).toBe('203.0.113.9')
})
