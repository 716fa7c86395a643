import { z } from 'zod'
import { aggregation } from './aggregation.ts'
import { backends } from './backends.ts'
import { compositeToolRefs, compositeTools } from './composite-tools.ts'
import {
  audit,
  codeMode,
  optimizer,
  rateLimiting,
  sessionStorage,
  telemetry,
  tokenCache,
  workflowRuns,
} from './features.ts'
import { incomingAuth } from './incoming-auth.ts'
import { operational } from './operational.ts'
import { outgoingAuth } from './outgoing-auth.ts'
import { stringMap, text } from './scalars.ts'

/** A configuration file in today's spelling. Rules between keys are under `rules/`. */
export const configSchema = z
  .strictObject({
    name: text('Name of this server, as clients see it.'),
    groupRef: text('The group whose servers are aggregated.'),
    backends,
    incomingAuth,
    outgoingAuth,
    aggregation,
    compositeTools,
    compositeToolRefs,
    workflowRuns: workflowRuns.optional(),
    operational: operational.optional(),
    passthroughHeaders: z
      .array(z.string())
      .optional()
      .describe('Request headers of clients that are sent on to backends.'),
    sessionStorage: sessionStorage.optional(),
    optimizer: optimizer.optional(),
    codeMode: codeMode.optional(),
    rateLimiting: rateLimiting.optional(),
    tokenCache: tokenCache.optional(),
    audit: audit.optional(),
    telemetry: telemetry.optional(),
    metadata: stringMap('Free labels.').optional(),
  })
  .meta({ title: 'vmcp configuration', description: 'One endpoint in front of many MCP servers.' })

export type ConfigInput = z.output<typeof configSchema>
