import { renderImportTable } from '#test/import-rules.ts'
import { configurationPage } from './configuration-page.ts'
import { errorsPage } from './errors-page.ts'
import { lawPage } from './law-page.ts'
import { reasonsPage } from './reasons-page.ts'

const ROOT = new URL('../../', import.meta.url)
const TABLE = /(<!-- import-rules:begin[^>]*-->\n)[\s\S]*?(\n<!-- import-rules:end -->)/

/** Each page that is made from code, by its path, as it should be. */
export function generatedPages(read: (path: string) => string): ReadonlyMap<string, string> {
  return new Map([
    ['docs/configuration.md', configurationPage()],
    ['docs/errors.md', errorsPage()],
    ['docs/law.md', lawPage(ROOT)],
    ['docs/reasons.md', reasonsPage()],
    [
      'ARCHITECTURE.md',
      read('ARCHITECTURE.md').replace(
        TABLE,
        (_all, begin: string, end: string) => begin + renderImportTable() + end,
      ),
    ],
  ])
}
