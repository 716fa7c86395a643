/** A sealed run, and what must be known of it without opening it. */
export interface Entry extends EntryName {
  readonly body: Buffer
}

/** Nothing in it tells of anybody. */
export interface EntryName {
  readonly id: string
  /** Who has the right to go on with it. It begins with the name of a server, and is another for each claim. */
  readonly holder: string
  /** The same for runs of one tool with the same arguments by the same caller. */
  readonly match: string
  /** Milliseconds since the epoch. */
  readonly until: number
}

/** Keeps entries. Each method is one step: of several who try the same, one succeeds. */
export interface Entries {
  /** @returns false where there are `most` already, or one of this id */
  create(entry: Entry, most: number): Promise<boolean>
  /** Where it is there and has this holder. */
  replace(entry: Entry): Promise<boolean>
  move(name: EntryName, holder: string): Promise<boolean>
  remove(name: EntryName): Promise<boolean>
  read(id: string): Promise<Entry | undefined>
  /** Those of `match`, or all. */
  names(match?: string): Promise<readonly EntryName[]>
}

/** How servers that share a store know of each other. */
export interface Presence {
  /** This server is there, for the time to come. */
  beat(server: string): Promise<void>
  isThere(server: string): Promise<boolean>
  close(): Promise<void>
}

export type EntryStore = Entries & Presence

/** How often a server says that it is there, and how long it is believed. */
export const BEAT_MS = 2_000
export const BELIEVED_MS = 3 * BEAT_MS
