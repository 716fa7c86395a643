import { z } from 'zod'
import { bulkhead } from './bulkhead.ts'
import {
  caBundlePath,
  count,
  duration,
  flag,
  headerName,
  headerValue,
  httpUrl,
  stringMap,
  text,
} from './scalars.ts'

const name = text('Unique name; it appears in tool prefixes and wherever else a backend is named.')
  .max(253)
  .refine((name) => !/\p{Cc}/u.test(name), { error: 'may not hold control characters' })

const health = z
  .strictObject({
    enabled: flag('Whether it is checked at all.', true),
    interval: duration('Time between two checks.').optional(),
    timeout: duration('Time that one check may take; less than the interval.').optional(),
    unhealthyThreshold: count('Failures in a row that make it unhealthy.', 1).optional(),
  })
  .describe('Health checks of this backend, where they differ from operational.failureHandling.')

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
  health: health.optional(),
  bulkhead: bulkhead.optional(),
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
    replicas: z
      .array(httpUrl('The same endpoint of another server.'))
      .max(64)
      .optional()
      .describe(
        'Further addresses of servers that offer the same as that at url; calls are spread over all of them.',
      ),
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
