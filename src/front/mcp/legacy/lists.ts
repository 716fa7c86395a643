import type { ListKind } from '../cursor.ts'
import type { LegacyRequest } from './request.ts'

export async function list(
  kind: ListKind,
  { service, caller, request, visit }: LegacyRequest,
): Promise<Buffer> {
  const catalog = await service.gateway.list(caller, visit.controller.signal)
  return service.legacyPages.page(catalog, kind, request.params['cursor'])
}
