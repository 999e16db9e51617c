/** The law of the release, for the tests of what it says, and files of it to break for the tests of what is refused. */
import { readLaw, readLawFiles } from '#assets/law.ts'
import { statutoryBasisCodes } from '#config/settings.ts'
import { legalFrame, type LegalQuestion } from '#law/frame.ts'
import { compileLaw, type LawBook } from '#law/law-book.ts'
import { type LawFiles, type NamedFile, parseLawFiles } from '#law/law-files.ts'
import type { LawRule } from '#law/law-rule.ts'
import type { LegalFrame } from '#law/legal-frame.ts'

const root = new URL('../../', import.meta.url)

export const book = readLaw(root, [])
/** With everything switched on that can be. */
export const openBook = readLaw(root, statutoryBasisCodes)
export const files: readonly NamedFile[] = readLawFiles(root)
export const parsed: LawFiles = parseLawFiles(files)
export const rules: readonly LawRule[] = parsed.laws.flatMap((law) => law.rules)

/** What most questions have in common: a psychiatric hospital in Denmark sends, on a day when all rules are in force. */
const usual: LegalQuestion = {
  jurisdiction: 'DK',
  day: '2026-11-22',
  recipientUnitType: 'gp',
  custodianUnitType: 'hospital-psychiatry',
  action: 'disclose',
}

export function frameOf(question: Partial<LegalQuestion>, law: LawBook = book): LegalFrame {
  return legalFrame(law, { ...usual, ...question })
}

/** The law with some of its rules changed, as a later release would have it. */
export function withRules(
  change: (rule: LawRule) => readonly LawRule[],
  bases: readonly string[] = [],
): LawBook {
  const laws = parsed.laws.map((law) => ({ ...law, rules: law.rules.flatMap(change) }))
  return compileLaw('changed', { ...parsed, laws }, bases)
}
