/** What Stryker runs against each mutant: the decision's own tests, which need no database. */
import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** The cases first: they are many and quick, and the first test that fails ends the run. */
class CasesFirst extends BaseSequencer {
  override sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return Promise.resolve(files.toSorted((a, b) => (a.moduleId < b.moduleId ? -1 : 1)))
  }
}

// oxlint-disable-next-line import/no-default-export -- vitest's contract
export default defineConfig({
  test: {
    root: fileURLToPath(new URL('../../', import.meta.url)),
    include: ['test/consent/*.test.ts'],
    // It reads the tests of other folders, which are not copied, and runs nothing that is mutated.
    exclude: ['test/consent/rules.test.ts'],
    setupFiles: ['test/mutation/same-seed.ts'],
    sequence: { sequencer: CasesFirst },
    // Whole titles: Stryker tells tests apart by them.
    taskTitleValueFormatTruncate: 300,
    testTimeout: 20_000,
    reporters: [],
  },
})
