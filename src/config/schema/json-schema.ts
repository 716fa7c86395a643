import { z } from 'zod'
import { configSchema } from './root.ts'
import type { JsonSchema } from './shape.ts'

const SCHEMA_ID = 'urn:vmcp:configuration'

/** JSON Schema, draft 2020-12, of a configuration file in today's spelling. Made anew each time, in milliseconds. */
export function jsonSchema(): JsonSchema {
  const schema = z.toJSONSchema(configSchema, { target: 'draft-2020-12', io: 'input' })
  return { ...schema, $id: SCHEMA_ID } as JsonSchema
}
