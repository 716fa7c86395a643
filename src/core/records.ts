/** Keeps records for a time, where several gateways find them. */
export interface RecordStore {
  /** @throws whatever keeps the store from answering, as all of these do */
  get(key: string): Promise<Buffer | undefined>
  set(key: string, record: Buffer, ttlMs: number): Promise<void>
  remove(key: string): Promise<void>
  close(): Promise<void>
}
