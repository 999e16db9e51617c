import type { ReasonCode } from '#consent/decision.ts'
import { type Audience, type Language, reasons } from '#consent/reason.ts'
import { generatedFrom, table } from './markdown.ts'

const LANGUAGES: readonly (readonly [Language, string])[] = [
  ['en', 'English'],
  ['da', 'Dansk'],
  ['nb', 'Bokmål'],
]

const AUDIENCES: readonly (readonly [Audience, string])[] = [
  ['clinician', 'To the clinician'],
  ['privacyOfficer', 'To the privacy officer'],
  ['citizen', 'To the citizen'],
]

export function reasonsPage(): string {
  const codes = Object.keys(reasons).filter(isReason)
  const outcomes = table(
    ['Reason', 'Outcome', 'In short'],
    codes.map((code) => [`[\`${code}\`](#${code})`, reasons[code].outcome, reasons[code].en.privacyOfficer]),
  )
  return `${generatedFrom('src/consent/reason.ts')}

# Reasons

Every decision has one of these reasons. The code is stable; it stands in the audit log and in the answer of \`decide\`. The sentences are what
people are told. \`{consent}\` is filled with the consents that decided, \`{label}\` with the security labels of what was
withheld, \`{rule}\` with the [rule of law](law.md); a part in \`[ ]\` is said only when there is something to name in it. A clinician's sentence never
has \`{label}\`: the receiving end learns that something is withheld, not what kind.

The outcome is one of four: \`permit\`; \`denied\`, a refusal or a request that cannot be served; \`indeterminate\`, which is withheld because it
cannot be told; and \`no-consent\`, where nothing permits. The last three release nothing.

${outcomes}

${codes.map(section).join('\n\n')}
`
}

function section(code: ReasonCode): string {
  const sentences = table(
    ['', ...LANGUAGES.map(([, name]) => name)],
    AUDIENCES.map(([audience, name]) => [
      name,
      ...LANGUAGES.map(([language]) => reasons[code][language][audience]),
    ]),
  )
  return `## ${code}\n\n${sentences}`
}

function isReason(code: string): code is ReasonCode {
  return Object.hasOwn(reasons, code)
}
