import { expect, test } from 'vitest'
import { isLoopback, isNetworkAddress, isPrivateAddress } from './address.ts'

test.each([
  '127.0.0.1',
  '127.255.0.9',
  '10.1.2.3',
  '172.31.255.255',
  '192.168.0.1',
  '169.254.169.254',
  '100.64.0.1',
  '0.0.0.0',
  '224.0.0.1',
  '255.255.255.255',
  '::1',
  '::',
  '[::1]',
  'fe80::1',
  'fd00::1',
  'ff02::1',
  '::ffff:127.0.0.1',
  '::ffff:8.8.8.8',
  '64:ff9b::a00:1',
  '2002:7f00:1::',
  '2001::1',
  'not an address',
])('%s is no host of the public internet', (address) => {
  expect(isPrivateAddress(address)).toBe(true)
})

test.each(['8.8.8.8', '172.32.0.1', '100.128.0.1', '1.1.1.1', '2606:4700:4700::1111', '[2a00:1450::1]'])(
  '%s is one',
  (address) => {
    expect(isPrivateAddress(address)).toBe(false)
  },
)

test.each(['127.0.0.1', '127.9.9.9', '::1'])('%s is this machine', (address) => {
  expect(isLoopback(address)).toBe(true)
  expect(isNetworkAddress(address)).toBe(false)
})

test.each(['10.1.2.3', '172.16.0.1', '192.168.1.1', '100.64.0.1', 'fd00::1'])(
  '%s is in a private network',
  (address) => {
    expect(isNetworkAddress(address)).toBe(true)
    expect(isLoopback(address)).toBe(false)
  },
)

test.each([
  ...['169.254.169.254', '100.100.100.200', 'fd00:ec2::254', 'fe80::1', '0.0.0.0', '::', '64:ff9b::7f00:1'],
  ...['::ffff:127.0.0.1', '::ffff:10.0.0.1', '8.8.8.8', 'localhost', ''],
])('%s is neither', (address) => {
  expect(isLoopback(address)).toBe(false)
  expect(isNetworkAddress(address)).toBe(false)
})
