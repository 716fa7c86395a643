import { expect, it } from 'vitest'
import type { Source } from '../../core/witness.ts'
import { addressFinder } from './origin.ts'

const from = (address: string | undefined, forwarded?: string): Source => ({
  transport: 'http',
  endpoint: '/mcp',
  httpMethod: 'POST',
  address,
  headers: forwarded === undefined ? {} : { 'x-forwarded-for': forwarded },
})

it('is the peer, whatever it says of itself, where no proxy is trusted', () => {
  expect(addressFinder([])(from('::ffff:10.0.0.1', '1.2.3.4'))).toBe('10.0.0.1')
  expect(addressFinder([])(from(undefined))).toBeUndefined()
})

it.each([
  ['what a trusted proxy says', '10.0.0.1', '203.0.113.9', '203.0.113.9'],
  ['the peer, where that is not trusted', '192.0.2.1', '203.0.113.9', '192.0.2.1'],
  ['the last that no trusted proxy stands for', '10.0.0.1', '6.6.6.6, 203.0.113.9, 10.0.0.2', '203.0.113.9'],
  ['the first of all, where all are trusted', '10.0.0.1', '10.0.0.3, 10.0.0.2', '10.0.0.3'],
  ['the proxy that says what is no address', '10.0.0.1', '203.0.113.9, unknown', '10.0.0.1'],
  ['an address with a port', '10.0.0.1', '203.0.113.9:4711', '203.0.113.9'],
  ['an IPv6 address with brackets and a port', '10.0.0.1', '[2001:db8::1]:4711', '2001:db8::1'],
  ['an IPv6 address through a proxy of that family', 'fd00::5', '2001:db8::1', '2001:db8::1'],
])('is %s', (_, peer, forwarded, expected) => {
  expect(addressFinder(['10.0.0.0/8', 'fd00::5'])(from(peer, forwarded))).toBe(expected)
})
