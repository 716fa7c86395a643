import { z } from 'zod'
import { caBundlePath, headerName, headerValue, httpUrl, stringMap, text } from './scalars.ts'

const name = text('Unique name; it appears in tool prefixes and wherever else a backend is named.')
  .max(253)
  .refine((name) => !/\p{Cc}/u.test(name), { error: 'may not hold control characters' })

const common = {
  era: z
    .enum(['auto', 'legacy', 'modern'])
    .default('auto')
    .describe(
      'The protocol era to speak: legacy is up to 2025-11-25 with sessions, modern is 2026-07-28; auto asks the server.',
    ),
  connection: z
    .enum(['session', 'shared'])
    .default('session')
    .describe('Whether each client session gets its own connection to a legacy server, or all share one.'),
  metadata: stringMap('Free labels. The label group is set to groupRef.').optional(),
}

const stdio = z
  .strictObject({
    name,
    transport: z.literal('stdio').describe('The server is a program that vmcp starts.'),
    command: text('The program.'),
    args: z.array(z.string()).default([]).describe('Its arguments.'),
    env: stringMap(
      'Environment variables, added to a small inherited environment (PATH, HOME and the like).',
    ).optional(),
    cwd: text('Working directory; a relative one starts where vmcp was started.').optional(),
    ...common,
  })
  .meta({ title: 'A program' })

const http = z
  .strictObject({
    name,
    transport: z
      .enum(['streamable-http', 'sse'])
      .describe('streamable-http, or sse for the older HTTP+SSE transport.'),
    url: httpUrl('The MCP endpoint.'),
    headers: z
      .record(headerName('A header.'), headerValue('Its value.'))
      .optional()
      .describe(
        'Static headers, sent with every request. For secrets use outgoingAuth, which reads the environment.',
      ),
    type: z
      .enum(['', 'entry'])
      .optional()
      .describe('entry for a remote server outside the group; empty otherwise.'),
    caBundlePath: caBundlePath(
      'PEM file with further certificate authorities; only with type entry.',
    ).optional(),
    ...common,
  })
  .meta({ title: 'A server reached by HTTP' })

export const backends = z
  .array(z.discriminatedUnion('transport', [stdio, http]))
  .optional()
  .describe('The servers behind this endpoint. When empty, the servers of the group are used.')

export type BackendInput = z.output<typeof stdio> | z.output<typeof http>
