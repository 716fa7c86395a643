import type { Finding } from '../diagnostics.ts'
import type { Place } from '../place.ts'
import { child, exists, items, wrongBlock } from '../place.ts'
import { repeated } from './rule.ts'

export function* backends(root: Place): Iterable<Finding> {
  const all = items(child(root, 'backends'))
  yield* repeated(
    all.map((backend) => child(backend, 'name')),
    (name, first) => `the backend name ${JSON.stringify(name)} is already taken by ${first}`,
  )
  for (const backend of all) {
    yield* repeated([child(backend, 'url'), ...items(child(backend, 'replicas'))], (url, first) => {
      return `${JSON.stringify(url)} is the same address as ${first}`
    })
    const bundle = child(backend, 'caBundlePath')
    const isEntry = child(backend, 'type').value === 'entry'
    if (exists(bundle) && !isEntry)
      yield wrongBlock(bundle, 'only backends of type entry have one', 'add type: entry')
  }
}
