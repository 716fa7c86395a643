import { describe, expect, it } from 'vitest'
import { effort } from '../../../test/fixtures/effort.ts'
import type { UrlRule } from '../../core/parameters.ts'
import { urlCheck } from './url.ts'

const NAMES: Readonly<Record<string, readonly string[]>> = {
  'docs.company.com': ['93.184.216.34'],
  'inside.company.com': ['93.184.216.34', '10.1.2.3'],
}
const check = (rule: UrlRule, url: unknown) => urlCheck(rule, async (name) => NAMES[name] ?? [])(url)

const COMPANY: UrlRule = { schemes: ['https'], hosts: ['*.company.com', 'example.org'], ports: [443, 8443] }

describe('a URL under a rule', () => {
  it.each([
    'https://docs.company.com/',
    'https://a.b.company.com:8443/path?x=https://example.org/#frag',
    'https://docs.company.com/a//b?q=either/or#//',
    'https://docs.company.com/?scheme=https:&of=http://docs.company.com:8080/x',
    'HTTPS://DOCS.COMPANY.COM',
    'https://example.org',
    'https://example.org:443/a@b',
  ])('may be %s', async (url) => {
    expect(await check(COMPANY, url)).toBeUndefined()
  })

  const host = 'must lead to one of the hosts *.company.com, example.org'
  const plain = 'must be a URL whose host is written in its plain form (punycode for other alphabets)'
  const carried = 'must not carry a further URL that leads elsewhere than to *.company.com, example.org'
  const many = Array.from({ length: 40 }, (_, at) => `u=//a${at}.company.com`).join('&')
  const clean = 'must be a URL without white space, backslashes and control characters'
  it.each([
    ['another scheme', 'http://docs.company.com/', 'must have one of the schemes https'],
    ['a scheme without hosts', 'javascript:alert(1)', 'must be a URL with a scheme and a host'],
    ['another host', 'https://evil.example/', host],
    ['a host that ends alike', 'https://evilcompany.com/', host],
    ['a host that begins alike', 'https://docs.company.com.evil.example/', host],
    ['the domain above', 'https://company.com/', host],
    ['a name below one that is exact', 'https://www.example.org/', host],
    ['another port', 'https://docs.company.com:22/', 'must have one of the ports 443, 8443'],
    [
      'a user name',
      'https://docs.company.com@evil.example/',
      'must be a URL without a user name or password',
    ],
    ['a password', 'https://a:b@docs.company.com/', 'must be a URL without a user name or password'],
    ['an empty user name', 'https://@docs.company.com/', 'must be a URL without a user name or password'],
    ['a backslash', 'https://docs.company.com\\@evil.example/', clean],
    ['backslashes for slashes', 'https:\\\\docs.company.com/', clean],
    ['a tab', 'https://docs.comp\tany.com/', clean],
    ['a line break before it', '\nhttps://docs.company.com/', clean],
    ['a space behind it', 'https://docs.company.com/ ', clean],
    ['a character that is not seen', 'https://docs.comp\u200bany.com/', clean],
    ['a host in percent code', 'https://docs%2ecompany.com/', plain],
    ['full-width letters', 'https://ｄocs.company.com/', plain],
    ['a dot of another alphabet', 'https://evil。company.com/', plain],
    ['a trailing dot', 'https://docs.company.com./', plain],
    ['punycode of another name', 'https://xn--cmpany-xxa.com/', host],
    ['an address', 'https://93.184.216.34/', host],
    ['an address in one number', 'https://1572395042/', plain],
    ['an address in octal', 'https://0135.0270.0330.042/', plain],
    ['a redirect to another host', 'https://docs.company.com/login?next=https://evil.example/', carried],
    ['one in percent code', 'https://docs.company.com/login?next=https%3A%2F%2Fevil.example', carried],
    ['one in percent code twice', 'https://docs.company.com/?u=https%253A%252F%252Fevil.example', carried],
    ['one without a scheme', 'https://docs.company.com/login?next=//evil.example/', carried],
    [
      'one with backslashes in percent code',
      'https://docs.company.com/login?next=%5C%5Cevil.example',
      carried,
    ],
    ['one with too few slashes', 'https://docs.company.com/login?next=https:evil.example', carried],
    ['one with a user name', 'https://docs.company.com/?u=https://docs.company.com@evil.example', carried],
    ['one as its path', 'https://docs.company.com//evil.example/', carried],
    ['one in its path', 'https://docs.company.com/proxy/http://evil.example/', carried],
    ['one in its fragment', 'https://docs.company.com/#/go?to=http://evil.example', carried],
    ['more of them than can be judged', `https://docs.company.com/?${many}`, carried],
    ['another scheme in its query', 'https://docs.company.com/?u=gopher://evil.example', carried],
    ['no host', 'https:///path', 'must be a URL with a scheme and a host'],
    ['no slashes', 'https:docs.company.com', 'must be a URL with a scheme and a host'],
    ['what is no text', 7, 'must be a URL'],
  ])('may not have %s', async (_, url, expected) => {
    expect(await check(COMPANY, url)).toBe(expected)
  })

  it.each(['a', '/', ':', '=//', 'https:', '%25', '\u00e4'])(
    'is judged in no time, full of %s as it may be',
    async (part) => {
      const spent = effort()
      await check(COMPANY, `https://docs.company.com/?${part.repeat(200_000)}`)
      expect(spent()).toBeLessThan(1000)
    },
  )

  it('may be of another alphabet where the host is listed so', async () => {
    expect(await check({ hosts: ['*.bücher.example'] }, 'https://www.xn--bcher-kva.example/')).toBeUndefined()
    expect(await check({ hosts: ['[::1]', '10.0.0.1'] }, 'http://10.0.0.1/')).toBeUndefined()
  })

  it.each([
    'http://127.0.0.1/',
    'http://[::1]/',
    'http://[::ffff:a00:1]/',
    'http://[64:ff9b::a00:1]/',
    'http://[2002:a00:1::]/',
    'http://[fd00::1]/',
    'http://100.64.0.1/',
    'http://10.0.0.1/',
    'http://169.254.169.254/latest/meta-data',
    'http://localhost:8080/',
    'http://a.localhost/',
    'http://inside.company.com/',
  ])('may not lead inside, as %s does', async (url) => {
    expect(await check({ denyPrivate: true }, url)).toBe('must not lead to a private network')
  })

  it.each(['http://127.0.0.1/', '//localhost/', 'http%3A%2F%2F169.254.169.254'])(
    'may not carry %s, which leads inside',
    async (carried) => {
      expect(await check({ denyPrivate: true }, `http://docs.company.com/?u=${carried}`)).toBe(
        'must not carry a further URL that leads to a private network',
      )
    },
  )

  it('may lead outside, and to names that can be resolved only', async () => {
    expect(await check({ denyPrivate: true }, 'http://docs.company.com/')).toBeUndefined()
    expect(await check({ denyPrivate: true }, 'http://93.184.216.34/')).toBeUndefined()
    expect(await check({ denyPrivate: true }, 'http://[2606:4700::1111]/')).toBeUndefined()
    expect(await check({ denyPrivate: true }, 'http://172.32.0.1/')).toBeUndefined()
    expect(await check({ denyPrivate: true }, 'http://nowhere.example/')).toBe(
      'must lead to a host whose name can be resolved',
    )
  })
})
