import { z } from 'zod'
import { configSchema } from './root.ts'
import type { JsonSchema } from './shape.ts'

export const SCHEMA_ID = 'urn:vmcp:configuration'

const SCHEMA: JsonSchema = {
  ...z.toJSONSchema(configSchema, { target: 'draft-2020-12', io: 'input' }),
  $id: SCHEMA_ID,
} as JsonSchema

/** JSON Schema, draft 2020-12, of a configuration file in today's spelling. */
export function jsonSchema(): JsonSchema {
  return SCHEMA
}
