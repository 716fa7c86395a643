import type { JsonObject } from '../../core/catalog.ts'
import type { OutputProperty, OutputSpec } from './model.ts'

/** The JSON Schema that the results of a workflow with this output block satisfy. */
export function outputSchema(output: OutputSpec): JsonObject {
  const { required = [] } = output
  return {
    type: 'object',
    properties: mapValues(output.properties, propertySchema),
    ...(required.length > 0 && { required: [...required] }),
  }
}

function propertySchema(property: OutputProperty): JsonObject {
  const { type, description, properties, required } = property
  return {
    ...(properties === undefined ? { type } : outputSchema({ properties, required })),
    ...(description !== undefined && { description }),
    ...(property.default !== undefined && { default: property.default }),
  }
}

function mapValues<T, U>(object: Readonly<Record<string, T>>, change: (value: T) => U): Record<string, U> {
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [key, change(value)]))
}
