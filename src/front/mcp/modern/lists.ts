import type { ListKind } from '../../../core/catalog.ts'
import type { FramedResult } from '../frame.ts'
import type { ModernRequest } from './request.ts'

export async function list(
  kind: ListKind,
  { service, caller, request }: ModernRequest,
): Promise<FramedResult> {
  const catalog = await service.gateway.list(caller, service.closing.signal)
  return service.modernPages.page(catalog, kind, request.params['cursor'])
}
