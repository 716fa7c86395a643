import type { Call } from '../../core/call.ts'
import type { Item } from '../../core/catalog.ts'
import type { Changes } from '../../core/raw.ts'

/** The change that puts the backend's own name of the item in the place of the advertised one. */
export function originName(call: Call, item: Item): Changes {
  const { name } = item.origin
  switch (call.kind) {
    case 'tool':
    case 'prompt':
      return call.name === name ? NONE : { name: JSON.stringify(name) }
    case 'completion':
      return completionRef(call, name)
    case 'resource':
    case 'subscription':
    case 'task':
    case 'method':
      return NONE
  }
}

function completionRef(call: Call & { kind: 'completion' }, name: string): Changes {
  if (call.ref.type !== 'ref/prompt' || call.ref.name === name) return NONE
  const ref = call.params.object('ref')
  return { ref: ref?.with({ name: JSON.stringify(name) }).toString() }
}

const NONE: Changes = {}
