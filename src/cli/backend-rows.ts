import type { Backend, Offer } from '../core/ports.ts'
import { type Column, table } from './table.ts'
import type { Colors } from './terminal.ts'

/** One backend as people and scripts see it. */
export interface BackendRow {
  readonly name: string
  readonly transport: string
  readonly state: 'ready' | 'reserved' | 'connecting' | 'failed'
  readonly era?: string
  readonly version?: string
  readonly tools?: number
  readonly resources?: number
  readonly templates?: number
  readonly prompts?: number
  readonly reason?: string
}

export function backendRow({ name, transport, state }: Backend): BackendRow {
  switch (state.status) {
    case 'connecting':
      return { name, transport, state: 'connecting' }
    case 'reserved':
      return { name, transport, state: 'reserved', reason: 'it shows what it has to callers alone' }
    case 'failed':
      return { name, transport, state: 'failed', reason: state.error.message }
    case 'ready': {
      const { era, version } = state.server
      return { name, transport, state: 'ready', era, version, ...counts(state.offer) }
    }
  }
}

function counts({ tools, resources, templates, prompts }: Offer) {
  return {
    tools: tools.length,
    resources: resources.length,
    templates: templates.length,
    prompts: prompts.length,
  }
}

export function backendTable(rows: readonly BackendRow[], colors: Colors): string {
  const columns: Column[] = [
    { title: 'BACKEND', paint: colors.bold },
    { title: 'TRANSPORT' },
    { title: 'ERA' },
    { title: 'TOOLS', align: 'right' },
    { title: 'RESOURCES', align: 'right' },
    { title: 'PROMPTS', align: 'right' },
    { title: 'STATE', paint: (text) => paintState(text, colors) },
    { title: 'REASON' },
  ]
  const cell = (count: number | undefined) => (count === undefined ? '-' : String(count))
  return table(
    columns,
    rows.map((row) => [
      row.name,
      row.transport,
      row.era ?? '-',
      cell(row.tools),
      cell(row.resources),
      cell(row.prompts),
      row.state,
      row.reason ?? '',
    ]),
  )
}

function paintState(state: string, colors: Colors): string {
  if (state === 'ready' || state === 'reserved') return colors.green(state)
  return state === 'failed' ? colors.red(state) : colors.yellow(state)
}
