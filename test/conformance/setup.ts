import { secondNode } from '../fixtures/second-node.ts'

/** Once, before several test files look for it at a time. */
export function setup(): void {
  secondNode()
}
