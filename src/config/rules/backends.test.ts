import { describe, expect, it } from 'vitest'
import { errorsOf, faultsOf, warningsOf } from '../testing.ts'

/** What is added to a good file, the error that must come of it, and the same mended. */
type Case = readonly [bad: string, error: string, good: string]

function check(cases: readonly Case[]): void {
  it.each(cases)('%s', (bad, error, good) => {
    expect(faultsOf(bad)).toContain(error)
    expect(faultsOf(good)).toEqual([])
  })
}

const http = (rest: string) => `backends: [{name: a, transport: sse, url: https://x.example, ${rest}}]\n`

describe('backends', () => {
  check([
    [
      'backends: [{name: a, transport: stdio, command: c}, {name: a, transport: stdio, command: d}]\n',
      'backends[1].name: the backend name "a" is already taken by backends[0].name',
      'backends: [{name: a, transport: stdio, command: c}, {name: b, transport: stdio, command: d}]\n',
    ],
    ['backends: [{name: a, transport: sse}]\n', 'backends[0].url: required: expected text', http('')],
    [
      'backends: [{name: a, transport: sse, url: "file:///x"}]\n',
      'backends[0].url: expected an http:// or https:// URL',
      http('metadata: {a: b}'),
    ],
    [
      http('caBundlePath: /x.pem'),
      'backends[0].caBundlePath: only backends of type entry have one',
      http('type: entry, caBundlePath: /x.pem'),
    ],
    [
      http('type: entry, caBundlePath: x.pem'),
      'backends[0].caBundlePath: expected an absolute path',
      http('type: entry, caBundlePath: /etc/x.pem'),
    ],
    [
      http('type: entry, caBundlePath: /a/../x.pem'),
      'backends[0].caBundlePath: the path may not contain ..',
      http('type: entry, caBundlePath: /a..b/x.pem'),
    ],
    [
      http('type: entry, caBundlePath: "/a\\0"'),
      'backends[0].caBundlePath: the path may not contain NUL',
      http('type: ""'),
    ],
    [
      http('replicas: ["https://y.example", "https://x.example"]'),
      'backends[0].replicas[1]: "https://x.example" is the same address as backends[0].url',
      http('replicas: ["https://y.example"]'),
    ],
    [
      http('health: {timeout: 40s}'),
      'backends[0].health.timeout: timeout (40s) must be less than the interval of the checks (30s)',
      http('health: {timeout: 40s, interval: 1m}'),
    ],
    [
      `${http('health: {interval: 5s}')}operational: {failureHandling: {healthCheckTimeout: 8s}}\n`,
      'backends[0].health.interval: must be more than healthCheckTimeout (8s)',
      `${http('health: {interval: 5s, timeout: 1s}')}operational: {failureHandling: {healthCheckTimeout: 8s}}\n`,
    ],
    [http('type: other'), 'backends[0].type: expected one of "", entry, found "other"', http('type: entry')],
    [
      http('era: old'),
      'backends[0].era: expected one of auto, legacy, modern, found "old"',
      http('era: legacy'),
    ],
    [
      http('connection: own'),
      'backends[0].connection: expected one of session, shared, found "own"',
      http('connection: shared'),
    ],
    [
      http('headers: {Host: x}'),
      'backends[0].headers.Host: the header Host belongs to the connection and may not be set',
      http('headers: {Authorization: x}'),
    ],
    [
      http('headers: {"a b": x}'),
      'backends[0].headers["a b"]: not a possible name: expected the name of an HTTP header',
      http('headers: {a-b: x}'),
    ],
    [
      http('headers: {a: "x\\r\\nb: y"}'),
      'backends[0].headers.a: a header value may not hold line breaks or control characters',
      http('headers: {a: "x y"}'),
    ],
    [
      http('headers: {a: x, A: y}'),
      'backends[0].headers.A: A is given twice in different case',
      http('headers: {a: x, b: y}'),
    ],
    [
      `${http('headers: {X-Key: x}')}passthroughHeaders: [x-key]\n`,
      'backends[0].headers.X-Key: X-Key is also in passthroughHeaders; keep one of them',
      `${http('headers: {X-Key: x}')}passthroughHeaders: [x-other]\n`,
    ],
    [
      'backends: [{name: a, transport: stdio}]\n',
      'backends[0].command: required: expected text',
      'backends: [{name: a, transport: stdio, command: c, args: [""], env: {A: ""}, cwd: /x}]\n',
    ],
    [
      'backends: [{name: "a\\nb", transport: stdio, command: c}]\n',
      'backends[0].name: may not hold control characters',
      'backends: [{name: "a b", transport: stdio, command: c}]\n',
    ],
  ])
})

describe('passthroughHeaders', () => {
  it.each([
    ...[
      'Host',
      'Connection',
      'Keep-Alive',
      'Te',
      'Trailer',
      'Upgrade',
      'Http2-Settings',
      'Transfer-Encoding',
    ],
    ...[
      'Content-Length',
      'Expect',
      'Proxy-Authorization',
      'Proxy-Authenticate',
      'Proxy-Connection',
      'Forwarded',
    ],
    ...['X-Forwarded-For', 'X-Forwarded-Host', 'X-Forwarded-Proto', 'X-Real-Ip', 'Authorization', 'cookie'],
  ])('refuses %s', (name) => {
    expect(errorsOf(`passthroughHeaders: [${name}]\n`)).toEqual([
      `passthroughHeaders[0]: the header ${name} may not be passed through`,
    ])
  })

  it('refuses what is no header name and takes what is one', () => {
    expect(errorsOf('passthroughHeaders: ["", "a b"]\n')).toEqual([
      'passthroughHeaders[0]: a header name may not be empty',
      'passthroughHeaders[1]: expected the name of an HTTP header',
    ])
    expect(errorsOf('passthroughHeaders: [X-Api-Key]\n')).toEqual([])
  })

  it('warns of names that each connection sets itself, and of repetition', () => {
    expect(warningsOf('passthroughHeaders: [Mcp-Session-Id, Mcp-Param-Region, x-a, X-A]\n')).toEqual([
      'passthroughHeaders[0]: Mcp-Session-Id is never passed through: each connection sets its own',
      'passthroughHeaders[1]: Mcp-Param-Region is never passed through: each connection sets its own',
      'passthroughHeaders[3]: X-A is listed twice',
    ])
  })
})
