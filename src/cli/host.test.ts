import { expect, test } from 'vitest'
import { checkHost, isLoopback } from './host.ts'

test.each([
  ['127.0.0.1', true],
  ['127.9.9.9', true],
  ['::1', true],
  ['localhost', true],
  ['0.0.0.0', false],
  ['::', false],
  ['192.168.1.2', false],
  ['127.0.0.1.evil.example', false],
  ['', false],
])('%s is loopback: %s', (host, expected) => {
  expect(isLoopback(host)).toBe(expected)
})

test('quick mode cannot be made remote; a configuration only when told so', () => {
  expect(() => checkHost('0.0.0.0', { quick: true, allowed: true, incoming: 'anonymous' })).toThrow(
    /loopback only/,
  )
  expect(() => checkHost('0.0.0.0', { quick: false, allowed: false, incoming: 'anonymous' })).toThrow(
    /--allow-anonymous-remote/,
  )
  expect(() => checkHost('0.0.0.0', { quick: false, allowed: true, incoming: 'anonymous' })).not.toThrow()
  expect(() => checkHost('127.0.0.1', { quick: true, allowed: false, incoming: 'anonymous' })).not.toThrow()
})

test('holders of tokens may come from anywhere, the user of this machine may not', () => {
  expect(() => checkHost('0.0.0.0', { quick: false, allowed: false, incoming: 'oidc' })).not.toThrow()
  expect(() => checkHost('0.0.0.0', { quick: false, allowed: true, incoming: 'local' })).toThrow(/type oidc/)
})
