import { describe, expect, it } from 'vitest'
import { judgeFor } from './reach.ts'

const PUBLIC = 'https://8.8.8.8/mcp'
const PRIVATE = 'https://10.1.1.1/mcp'
const HERE = 'http://localhost:8080/mcp'

async function reaches(backend: string, address: string, allowPrivateIp = false): Promise<boolean> {
  const judge = await judgeFor(new URL(backend), allowPrivateIp)
  return judge.address(address, 'login.example') === undefined
}

describe('a backend may lead', () => {
  it.each([
    [PUBLIC, '1.1.1.1', true],
    [PUBLIC, '10.2.2.2', false],
    [PUBLIC, '127.0.0.1', false],
    [PUBLIC, '169.254.169.254', false],
    [PRIVATE, '1.1.1.1', true],
    [PRIVATE, '10.2.2.2', true],
    [PRIVATE, '127.0.0.1', false],
    [PRIVATE, '::1', false],
    [PRIVATE, '169.254.169.254', false],
    [PRIVATE, '::ffff:10.0.0.1', false],
    [HERE, '127.0.0.1', true],
    [HERE, '10.2.2.2', true],
    [HERE, '169.254.169.254', false],
    [HERE, 'fd00:ec2::254', false],
  ])('from %s to %s: %s', async (backend, address, may) => {
    expect(await reaches(backend, address)).toBe(may)
  })

  it('from the public internet into private networks where that is allowed, and not to this machine', async () => {
    expect(await reaches(PUBLIC, '10.2.2.2', true)).toBe(true)
    expect(await reaches(PUBLIC, '127.0.0.1', true)).toBe(false)
    expect(await reaches(PUBLIC, '169.254.169.254', true)).toBe(false)
  })

  it('to plain HTTP from this machine to itself only', async () => {
    const url = (text: string, backend: string) =>
      judgeFor(new URL(backend), false).then((judge) => judge.url(new URL(text)))
    expect(await url('http://127.0.0.1:9/x', HERE)).toBeUndefined()
    expect(await url('http://127.0.0.1:9/x', PUBLIC)).toMatch(/may not lead/)
    expect(await url('http://10.1.1.2/x', PRIVATE)).toMatch(/only https/)
    expect(await url('https://login.example', PUBLIC)).toBeUndefined()
    expect(await url('data:text/plain,x', HERE)).toMatch(/only https/)
  })
})
