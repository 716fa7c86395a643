import type { ListKind } from '../cursor.ts'
import type { LegacyRequest } from './request.ts'

export async function list(kind: ListKind, { service, caller, request }: LegacyRequest): Promise<Buffer> {
  const catalog = await service.gateway.list(caller, service.closing.signal)
  return service.legacyPages.page(catalog, kind, request.params['cursor'])
}
