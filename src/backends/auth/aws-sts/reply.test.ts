import { describe, expect, it } from 'vitest'
import { credentialsXml } from '../../../../test/fixtures/aws/sts.ts'
import { effort } from '../../../../test/fixtures/effort.ts'
import { readCredentials, readError } from './reply.ts'

const GOOD = {
  roleArn: 'arn:aws:iam::123456789012:role/R',
  sessionName: 'alice',
  accessKeyId: 'ASIAIOSFODNN7EXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYzEXAMPLEKEY',
  sessionToken: 'AQoDYXdzEE0a8ANXXXXXXXXNO1ewxE5TijQyp+IEXAMPLE',
  expires: Date.parse('2030-10-24T23:00:23Z'),
}

describe('an answer of the token service', () => {
  it('holds credentials', () => {
    const { accessKeyId, secretAccessKey, sessionToken, expires } = GOOD
    expect(readCredentials(credentialsXml(GOOD))).toEqual({
      accessKeyId,
      secretAccessKey,
      sessionToken,
      expires,
    })
  })

  const laughs = `<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a "lol">${Array.from(
    { length: 20 },
    (_, i) => `<!ENTITY a${i} "${`&a${i === 0 ? '' : i - 1};`.repeat(10)}">`,
  ).join('')}]><AssumeRoleWithWebIdentityResponse>&a19;</AssumeRoleWithWebIdentityResponse>`
  const outside = `<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>${credentialsXml({ ...GOOD, sessionToken: '&e;' })}`

  it.each([
    ['is empty', ''],
    ['is JSON', '{"AssumeRoleWithWebIdentityResponse":{}}'],
    ['is not whole', credentialsXml(GOOD).slice(0, -40)],
    ['grows when it is read', laughs],
    ['asks for a file', outside],
    ['is nested too deeply', `${'<a>'.repeat(20_000)}${'</a>'.repeat(20_000)}`],
  ])('that %s is none, and is refused at once', (_, xml) => {
    const spent = effort()
    expect(() => readCredentials(xml)).toThrow('the answer is not XML')
    expect(readError(xml)).toBeUndefined()
    expect(spent()).toBeLessThan(1_000)
  })

  it.each([
    ['no key', { accessKeyId: '' }],
    ['a key that breaks out of a header', { accessKeyId: 'ASIAIOSFODNN7EXAMPLE/20150830' }],
    ['a token that breaks out of its header', { sessionToken: 'abc\r\nx-evil: 1' }],
    ['no time', { expires: Number.NaN }],
  ])('with %s is none', (_, odd) => {
    const { expires, ...texts } = { ...GOOD, ...odd }
    const xml = credentialsXml({ ...texts, expires: GOOD.expires })
    const broken = Number.isNaN(expires) ? xml.replace(/<Expiration>.*<\/Expiration>/, '') : xml
    expect(() => readCredentials(broken)).toThrow('the answer holds no credentials')
  })

  it('that is an error says its code and what AWS says of it', () => {
    const xml =
      '<ErrorResponse><Error><Code>AccessDenied</Code><Message>No &amp; no</Message></Error></ErrorResponse>'
    expect(readError(xml)).toEqual({ code: 'AccessDenied', message: 'No & no' })
    expect(readError('<html><Error/></html>')).toBeUndefined()
  })
})
