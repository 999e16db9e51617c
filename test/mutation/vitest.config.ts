/** What Stryker runs against each mutant: the decision's own tests, which need no database. */
import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

// oxlint-disable-next-line import/no-default-export -- vitest's contract
export default defineConfig({
  test: {
    root: fileURLToPath(new URL('../../', import.meta.url)),
    include: ['test/consent/*.test.ts'],
    setupFiles: ['test/mutation/same-seed.ts'],
    testTimeout: 20_000,
    reporters: [],
  },
})
