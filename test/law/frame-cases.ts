/** What the law asks of a consent, by who receives and how: each case is one row of the table that its clause makes. */
import type { LegalQuestion } from '#law/frame.ts'
import type { LegalFrame } from '#law/legal-frame.ts'

interface FrameCase {
  readonly title: string
  /** Of `mappings/law`. */
  readonly rules: readonly string[]
  readonly clause: string
  readonly question: Partial<LegalQuestion>
  readonly consent: LegalFrame['consent']
}

const oral = { form: 'any' } as const
const written = { form: 'written', formRule: 'DK-5', lapsesAfterYears: 1, lapseRule: 'DK-6' } as const
const health = { rule: 'DK-1', basis: 'SUL-41-1', ...oral } as const
const social = { rule: 'DK-5', basis: 'SUL-43-1', ...written } as const
const fetched = { rule: 'DK-9', basis: 'RSL-11a', ...written, prior: true } as const
const fromSocial = { rule: 'DK-11', basis: 'FVL-28', ...oral } as const
const circle = { rule: 'NO-20', basis: 'PBRL-5-3', ...oral } as const
const outside = {
  rule: 'NO-20',
  basis: 'INFORMED-CONSENT',
  ...oral,
  mustName: ['purpose', 'recipient'],
} as const

// prettier-ignore
export const frameCases: readonly FrameCase[] = [
  { title: 'to a GP, in any form', rules: ['DK-1'], clause: 'SUL 41(1), 42', question: { recipientUnitType: 'gp' }, consent: health },
  { title: 'to a hospital ward, in any form', rules: ['DK-1'], clause: 'SUL 41(1), 42', question: { recipientUnitType: 'hospital', custodianUnitType: 'gp' }, consent: health },
  { title: 'to municipal alcohol treatment, which is health law', rules: ['DK-1'], clause: 'SUL 41(1), 141', question: { recipientUnitType: 'municipal-alcohol-treatment' }, consent: health },
  { title: 'to municipal medical drug treatment, which is health law', rules: ['DK-1'], clause: 'SUL 41(1), 142', question: { recipientUnitType: 'municipal-medical-drug-treatment' }, consent: health },
  { title: 'to the region\'s dual-diagnosis care, which is health law', rules: ['DK-1', 'DK-15'], clause: 'SUL 82c', question: { recipientUnitType: 'region-dual-diagnosis' }, consent: health },
  { title: 'a GP that fetches needs no more than one that is sent to', rules: ['DK-1'], clause: 'SUL 41(1), 42', question: { recipientUnitType: 'gp', action: 'access' }, consent: health },
  { title: 'to municipal drug treatment: in writing, and for a year', rules: ['DK-5', 'DK-6'], clause: 'SUL 43(1), 44; SEL 101', question: { recipientUnitType: 'municipal-drug-treatment' }, consent: social },
  { title: 'to municipal social services: in writing, and for a year', rules: ['DK-5', 'DK-6'], clause: 'SUL 43(1), 44', question: { recipientUnitType: 'municipal-social' }, consent: social },
  { title: 'to Danish child welfare: in writing, and for a year', rules: ['DK-5', 'DK-6'], clause: 'SUL 43(1), 44', question: { recipientUnitType: 'child-welfare' }, consent: social },
  { title: 'from a GP to municipal drug treatment: the receiver chooses the form, not the sender', rules: ['DK-5'], clause: 'SUL 43(1), 44', question: { custodianUnitType: 'gp', recipientUnitType: 'municipal-drug-treatment' }, consent: social },
  { title: 'from one social authority to another: the receiver chooses the form', rules: ['DK-5'], clause: 'SUL 43(1), 44', question: { custodianUnitType: 'municipal-social', recipientUnitType: 'municipal-drug-treatment' }, consent: social },
  { title: 'from nobody knows whom to municipal drug treatment: as from anybody', rules: ['DK-5'], clause: 'SUL 43(1), 44', question: { custodianUnitType: undefined, recipientUnitType: 'municipal-drug-treatment' }, consent: social },
  { title: 'a social authority that fetches: prior consent, and what sending asks', rules: ['DK-9', 'DK-5', 'DK-6'], clause: 'RSL 11a(1); SUL 44', question: { recipientUnitType: 'municipal-drug-treatment', action: 'access' }, consent: fetched },
  { title: 'a social authority that collects fetches', rules: ['DK-9'], clause: 'RSL 11a(1)', question: { recipientUnitType: 'municipal-social', action: 'collect' }, consent: fetched },
  { title: 'from municipal drug treatment to a GP: the municipality\'s own duty, in any form', rules: ['DK-11'], clause: 'FVL 28', question: { custodianUnitType: 'municipal-drug-treatment', recipientUnitType: 'gp' }, consent: fromSocial },
  { title: 'from municipal drug treatment to psychiatry, fetched', rules: ['DK-11'], clause: 'FVL 28', question: { custodianUnitType: 'municipal-drug-treatment', recipientUnitType: 'hospital-psychiatry', action: 'access' }, consent: fromSocial },
  { title: 'from municipal alcohol treatment to a GP: health to health', rules: ['DK-1'], clause: 'SUL 41(1), 141', question: { custodianUnitType: 'municipal-alcohol-treatment', recipientUnitType: 'gp' }, consent: health },
  { title: 'Norway, to cooperating personnel', rules: ['NO-20'], clause: 'hpl 25, 45', question: { jurisdiction: 'NO', recipientUnitType: 'gp' }, consent: circle },
  { title: 'Norway, to the municipal addiction service', rules: ['NO-20'], clause: 'hpl 25, 45', question: { jurisdiction: 'NO', recipientUnitType: 'municipal-addiction-service' }, consent: circle },
  { title: 'Norway, to a school: a consent that names purpose and recipient', rules: ['NO-20'], clause: 'hpl 25, 45', question: { jurisdiction: 'NO', recipientUnitType: 'school' }, consent: outside },
  { title: 'Norway, to child welfare', rules: ['NO-20'], clause: 'hpl 25, 45', question: { jurisdiction: 'NO', recipientUnitType: 'child-welfare' }, consent: outside },
  { title: 'Norway, to NAV', rules: ['NO-20'], clause: 'hpl 25, 45', question: { jurisdiction: 'NO', recipientUnitType: 'nav', action: 'access' }, consent: outside },
]

interface StopCase {
  readonly title: string
  readonly clause: string
  readonly question: Partial<LegalQuestion>
  readonly stop: NonNullable<LegalFrame['stop']>
}

const unknownIn = {
  DK: { rule: 'DK-5', reason: 'unit-type-unknown' },
  NO: { rule: 'NO-20', reason: 'unit-type-unknown' },
} as const
const noBasisIn = {
  DK: { rule: 'DK-5', reason: 'no-legal-basis-for-unit' },
  NO: { rule: 'NO-20', reason: 'no-legal-basis-for-unit' },
} as const

// prettier-ignore
export const stopCases: readonly StopCase[] = [
  { title: 'nobody knows what the receiving unit does', clause: 'L2', question: { recipientUnitType: undefined }, stop: unknownIn.DK },
  { title: 'it has a type that is none', clause: 'L2', question: { recipientUnitType: 'hospitals' }, stop: unknownIn.DK },
  { title: 'it has an empty type', clause: 'L2', question: { recipientUnitType: '' }, stop: unknownIn.DK },
  { title: 'nobody knows what the receiving unit does, in Norway', clause: 'L2', question: { jurisdiction: 'NO', recipientUnitType: undefined }, stop: unknownIn.NO },
  { title: 'a Danish school', clause: 'L2', question: { recipientUnitType: 'school' }, stop: noBasisIn.DK },
  { title: 'NAV asks in Denmark', clause: 'L2', question: { recipientUnitType: 'nav' }, stop: noBasisIn.DK },
  { title: 'Danish drug treatment asks in Norway, whose law knows no such unit', clause: 'L2', question: { jurisdiction: 'NO', recipientUnitType: 'municipal-drug-treatment' }, stop: noBasisIn.NO },
  { title: 'a day before any rule', clause: 'L8', question: { day: '2006-12-31' }, stop: noBasisIn.DK },
  { title: 'a day before any Norwegian rule', clause: 'L8', question: { jurisdiction: 'NO', day: '2000-12-31' }, stop: noBasisIn.NO },
  { title: 'a day that is none', clause: 'L8', question: { day: 'today' }, stop: noBasisIn.DK },
  { title: 'no day', clause: 'L8', question: { day: '' }, stop: noBasisIn.DK },
]
