import type { Keyed } from '../../../engines/search/index.ts'
import type { Text } from './library.ts'

const MOST_PARAMETERS = 20

/** A tool as a model of language reads it. */
export function textOf({ key, entry }: Keyed): Text {
  const { name, title, description, server, parameters } = entry
  const names = parameters.slice(0, MOST_PARAMETERS).map((parameter) => parameter.name)
  const parts = [
    `name: ${[title, name].filter((it) => it !== '').join(', ')}`,
    ...(server === '' ? [] : [`server: ${server}`]),
    ...(description === '' ? [] : [`description: ${description}`]),
    ...(names.length === 0 ? [] : [`parameters: ${names.join(', ')}`]),
  ]
  return { key, text: parts.join('\n') }
}
