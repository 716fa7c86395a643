import { readdirSync, readFileSync } from 'node:fs'

/**
 * CPU time of a process so far, user and system, in nanoseconds: what the scheduler has counted for each of its
 * threads (Linux, /proc/PID/task/TID/schedstat). Threads that have ended are missing, so measure while they live.
 */
export function cpuNanos(pid: number): number {
  let sum = 0
  for (const task of readdirSync(`/proc/${pid}/task`)) {
    sum += Number(readFileSync(`/proc/${pid}/task/${task}/schedstat`, 'utf8').split(' ')[0])
  }
  return sum
}

/** Resident memory of a process, in bytes. */
export function rssBytes(pid: number): number {
  const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
  return Number(kilobytes) * 1024
}
