/** The process groups that are alive, so that none outlives us however we end. */
export class Children {
  readonly #groups = new Set<number>()
  readonly #onExit = (): void => {
    for (const pid of this.#groups) signalGroup(pid, 'SIGKILL')
  }

  add(pid: number): void {
    if (this.#groups.size === 0) process.on('exit', this.#onExit)
    this.#groups.add(pid)
  }

  remove(pid: number): void {
    this.#groups.delete(pid)
    if (this.#groups.size === 0) process.off('exit', this.#onExit)
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
