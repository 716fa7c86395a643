/** A process group, by the process that leads it. */
export interface Group {
  readonly pid: number
  /** Ends all of it. The same promise each time. */
  close(): Promise<void>
}

/** The process groups that are alive, so that none outlives us however we end. */
export class Children {
  readonly #groups = new Set<Group>()
  readonly #onExit = (): void => {
    for (const { pid } of this.#groups) signalGroup(pid, 'SIGKILL')
  }

  add(group: Group): void {
    if (this.#groups.size === 0) process.on('exit', this.#onExit)
    this.#groups.add(group)
  }

  remove(group: Group): void {
    this.#groups.delete(group)
    if (this.#groups.size === 0) process.off('exit', this.#onExit)
  }

  async close(): Promise<void> {
    await Promise.all([...this.#groups].map((group) => group.close()))
  }
}

/** @returns whether there was anybody to get the signal; 0 only asks that */
export function signalGroup(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    // Windows has no process groups: there it is the child alone.
    return process.kill(process.platform === 'win32' ? pid : -pid, signal)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
