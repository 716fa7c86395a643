import { defineConfig } from 'vitest/config'

/** Each of these files starts several processes, and waits a good part of its time: more than one for each of two cores. */
const WITH_PROCESSES = { maxWorkers: 3, sequence: { groupOrder: 1 } }

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['src/**/*.test.ts', 'test/architecture.test.ts'],
          // Loading the modules anew for each file would cost as much as the tests.
          isolate: false,
          testTimeout: 20_000,
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          ...WITH_PROCESSES,
          testTimeout: 30_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'conformance',
          include: ['test/conformance/**/*.test.ts'],
          globalSetup: 'test/conformance/setup.ts',
          ...WITH_PROCESSES,
          hookTimeout: 300_000,
        },
      },
      {
        test: {
          name: 'soak',
          include: ['test/soak/**/*.test.ts'],
          ...WITH_PROCESSES,
          testTimeout: 180_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
})
