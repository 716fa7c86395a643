import type { ListKind } from '../../../core/catalog.ts'
import type { FramedResult } from '../frame.ts'
import type { LegacyRequest } from './request.ts'

export async function list(
  kind: ListKind,
  { service, caller, request }: LegacyRequest,
): Promise<FramedResult> {
  const catalog = await service.gateway.list(caller, service.closing.signal)
  return service.legacyPages.page(catalog, kind, request.params['cursor'])
}
