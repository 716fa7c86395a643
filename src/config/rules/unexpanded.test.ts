import { describe, expect, it } from 'vitest'
import { said, withBlock } from '../testing.ts'

const HTTP = '{name: a, transport: streamable-http, url: "http://x.example/mcp"'
const LITERAL = 'is taken as it stands: variables are not expanded here'

describe('a variable of the environment', () => {
  it('that is written into a secret is warned of, and where it belongs is said', () => {
    const strategy = `{type: header_injection, headerInjection: {headerName: X-Key, headerValue: "\${A_KEY}"}}`
    const text = withBlock('outgoingAuth', `{source: inline, default: ${strategy}}`)
    expect(said('warning', text)).toEqual([
      `outgoingAuth.default.headerInjection.headerValue: \${A_KEY} ${LITERAL}`,
    ])
  })

  it('is warned of in headers, env and url of a backend', () => {
    const backends = [
      `${HTTP}, headers: {X-Key: "Bearer \${KEY}"}}`,
      `{name: b, transport: stdio, command: c, env: {KEY: "\${KEY}", PLAIN: "$5"}}`,
      `{name: c, transport: sse, url: "http://x.example/\${PATH_OF_C}"}`,
    ]
    const text = withBlock('outgoingAuth', '{source: inline}', `backends: [${backends.join(', ')}]\n`)
    expect(said('warning', text)).toEqual([
      `backends[0].headers.X-Key: \${KEY} ${LITERAL}`,
      `backends[1].env.KEY: \${KEY} ${LITERAL}`,
      `backends[2].url: \${PATH_OF_C} ${LITERAL}`,
    ])
  })
})
