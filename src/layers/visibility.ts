import type { Layer } from '../core/gateway.ts'
import { notFound, restrict } from '../core/layer.ts'

/** Hidden entries are for workflows; clients neither see nor reach them. */
export const visibility: Layer = restrict((item) => !item.hidden, notFound, 'everyone')
