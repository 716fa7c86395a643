import { defineConfig } from 'vitest/config'

/**
 * Loading the modules anew for each file would cost as much as the tests. All projects share the workers: tests wait a
 * part of their time, for which there is one worker more than each of two cores has.
 */
const SHARED = {
  isolate: false,
  maxWorkers: 3,
  // Tests talk to this machine only. Node reads these certificates at the start of every process, for 40 ms of CPU.
  env: { NODE_EXTRA_CA_CERTS: '' },
}

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          ...SHARED,
          name: 'unit',
          include: ['src/**/*.test.ts', 'test/architecture.test.ts'],
          testTimeout: 20_000,
        },
      },
      {
        test: {
          ...SHARED,
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          testTimeout: 30_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          ...SHARED,
          name: 'conformance',
          include: ['test/conformance/**/*.test.ts'],
          globalSetup: 'test/conformance/setup.ts',
          hookTimeout: 300_000,
        },
      },
      {
        test: {
          ...SHARED,
          name: 'soak',
          include: ['test/soak/**/*.test.ts'],
          testTimeout: 180_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
})
