import type { ListKind } from '../cursor.ts'
import type { ModernRequest } from './request.ts'

export async function list(kind: ListKind, { service, caller, request }: ModernRequest): Promise<Buffer> {
  const catalog = await service.gateway.list(caller, service.closing.signal)
  return service.modernPages.page(catalog, kind, request.params['cursor'])
}
