import { describe, expect, it } from 'vitest'
import type { RoleMappingConfig } from '../../../core/aws-sts-config.ts'
import { stsEndpoint } from './endpoint.ts'
import { createRoleOf } from './roles.ts'
import { sessionNameOf } from './session-name.ts'

describe('the role of a caller', () => {
  const roleOf = (roleMappings: readonly RoleMappingConfig[], more: object = {}) =>
    createRoleOf({
      type: 'aws_sts',
      region: 'eu-central-1',
      service: 'aws-mcp',
      roleClaim: 'groups',
      sessionNameClaim: 'sub',
      sessionSeconds: 3600,
      roleMappings,
      ...more,
    })
  const admin = { when: { claim: 'admin' }, roleArn: 'admin' }
  const dev = { when: { claim: 'dev' }, roleArn: 'dev' }

  it('is that of the lowest priority, and of the first in the file among equals', () => {
    const both = { groups: ['dev', 'admin'] }
    expect(roleOf([dev, admin])(both)).toBe('dev')
    expect(roleOf([dev, { ...admin, priority: 7 }])(both)).toBe('admin')
    expect(
      roleOf([
        { ...dev, priority: 1 },
        { ...admin, priority: 0 },
      ])(both),
    ).toBe('admin')
  })

  it('is that of the claim itself, never of a part of it', () => {
    expect(roleOf([admin])({ groups: 'admin' })).toBe('admin')
    expect(roleOf([admin])({ groups: 'administrator-readonly' })).toBeUndefined()
    expect(roleOf([admin])({ groups: ['not-admin'] })).toBeUndefined()
    expect(roleOf([admin])({ groups: { admin: true } })).toBeUndefined()
    expect(roleOf([admin])({})).toBeUndefined()
  })

  it('is found by another claim, also one below others, or whose name has dots', () => {
    expect(roleOf([admin], { roleClaim: 'realm.roles' })({ realm: { roles: ['admin'] } })).toBe('admin')
    expect(roleOf([admin], { roleClaim: 'https://x.example/r' })({ 'https://x.example/r': 'admin' })).toBe(
      'admin',
    )
    expect(
      roleOf([{ when: { claim: 'x' }, roleArn: 'x' }], { roleClaim: '__proto__.constructor' })({}),
    ).toBeUndefined()
  })

  it('is found by an expression; one that asks for what is missing does not fit', () => {
    const matcher = {
      when: { matcher: 'claims.level > 2 && !("act" in claims)' },
      roleArn: 'senior',
      priority: 1,
    }
    const of = roleOf([admin, matcher], { fallbackRoleArn: 'guest' })
    expect(of({ level: 3 })).toBe('senior')
    expect(of({ level: 3, act: {} })).toBe('guest')
    expect(of({ groups: ['admin'] })).toBe('admin')
    expect(of({})).toBe('guest')
  })
})

describe('the name of a session', () => {
  it('is the claim where AWS allows that', () => {
    expect(sessionNameOf({ sub: 'alice@example.com' }, 'sub')).toBe('alice@example.com')
  })

  it('is made of what AWS allows, and never that of somebody else', () => {
    const names = [
      'auth0|123',
      'auth0-123',
      'auth0/123',
      'a',
      'Zoë',
      'x'.repeat(65),
      'x'.repeat(66),
      'alice ',
      'alice',
    ]
    const made = names.map((sub) => sessionNameOf({ sub }, 'sub'))
    for (const name of made) expect(name).toMatch(/^[\w+=,.@-]{2,64}$/)
    expect(new Set(made).size).toBe(names.length)
    expect(made[0]).toMatch(/^auth0-123-[0-9a-f]{12}$/)
    expect(sessionNameOf({ sub: made[0] }, 'sub')).not.toBe(made[0])
  })

  it.each([{}, { sub: '' }, { sub: 7 }, { sub: ['alice'] }])('is asked for of %j', (claims) => {
    expect(() => sessionNameOf(claims, 'sub')).toThrow('the caller has no text in the claim sub')
  })
})

it('each region has its own token service', () => {
  expect(stsEndpoint('eu-central-1')).toBe('https://sts.eu-central-1.amazonaws.com/')
  expect(stsEndpoint('cn-north-1')).toBe('https://sts.cn-north-1.amazonaws.com.cn/')
  expect(stsEndpoint('us-gov-west-1')).toBe('https://sts.us-gov-west-1.amazonaws.com/')
})
