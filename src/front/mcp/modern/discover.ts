import { UNCACHEABLE } from '../../../core/catalog.ts'
import type { Service } from '../service.ts'
import { ALL_VERSIONS, capabilitiesOf } from '../versions.ts'
import { stamps } from './stamp.ts'

/** `server/discover`: what is served, without waiting for any backend. */
export function discover({ options, identity }: Service): Buffer {
  const instructions = options.instructions?.()
  const body = JSON.stringify({
    supportedVersions: ALL_VERSIONS,
    capabilities: capabilitiesOf(options, 'modern'),
    ...(instructions === undefined ? {} : { instructions }),
  })
  return Buffer.from(`${body.slice(0, -1)},${stamps(identity, UNCACHEABLE)}}`)
}
