import type { Frame } from './frame.ts'

/** Where the messages that belong to one request go. */
export interface Outlet {
  /** Whether messages can go out before the reply, and the peer is still there. */
  readonly streams: boolean
  /** A message before the reply. Lossy ones are dropped when the peer reads too slowly. */
  send(frame: Frame, lossy: boolean): void
  /** The one reply. `status` matters to HTTP only, and there only while nothing was sent. */
  reply(frame: Frame, status: number): void
  /** Ends without a reply. */
  end(): void
}

/** Bytes waiting for a slow peer beyond which lossy messages are dropped. */
export const MAX_BACKLOG = 1024 * 1024
