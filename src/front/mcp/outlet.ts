import type { Frame } from './frame.ts'

/** Where the messages that belong to one request go. */
export interface Outlet {
  /** Whether messages can go out before the reply, and the peer is still there or may come back for them. */
  readonly streams: boolean
  /** Whether a peer that was told of the reply can come back for it when its connection breaks. */
  readonly resumable: boolean
  /** Whether the reply is a stream by now. */
  readonly streamed: boolean
  /** Tells the peer that a reply is on its way, where it would else hear nothing until then. */
  begin(): void
  /** A message before the reply. Lossy ones are dropped when the peer reads too slowly. */
  send(frame: Frame, lossy: boolean): void
  /** The one reply. `status` and `headers` matter to HTTP only, and there only while nothing was sent. */
  reply(frame: Frame, status: number, headers?: readonly string[]): void
  /** Ends without a reply. */
  end(): void
}

/** An outlet for what belongs to no request. */
export interface StandingOutlet extends Outlet {
  /** Whether the peer is there now. */
  readonly connected: boolean
}

/** Bytes waiting for a slow peer beyond which lossy messages are dropped. */
export const MAX_BACKLOG = 1024 * 1024
