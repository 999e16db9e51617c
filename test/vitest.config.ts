import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 20_000,
    hookTimeout: 60_000,
    // Two cores: a worker for the tests, one left for the databases and the processes that tests start.
    maxWorkers: 2,
  },
})
