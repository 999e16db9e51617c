/** Which statutory bases there are between which units, once all are switched on. */
import type { LegalQuestion } from '#law/frame.ts'

interface BasisCase {
  readonly title: string
  readonly rule: string
  readonly question: Partial<LegalQuestion>
  readonly codes: readonly string[]
}

const inHealth = ['SUL-41-2-1', 'SUL-41-2-4']

// prettier-ignore
export const basisCases: readonly BasisCase[] = [
  { title: 'SUL 41(2): hospital to GP, the discharge letter too', rule: 'DK-2', question: {}, codes: ['SUL-41-2-1', 'SUL-41-2-2', 'SUL-41-2-4'] },
  { title: 'SUL 41(2) no. 2: a somatic ward writes discharge letters as well', rule: 'DK-2', question: { custodianUnitType: 'hospital' }, codes: ['SUL-41-2-1', 'SUL-41-2-2', 'SUL-41-2-4'] },
  { title: 'SUL 41(2) no. 2: a GP writes no discharge letter', rule: 'DK-2', question: { custodianUnitType: 'gp' }, codes: inHealth },
  { title: 'SUL 41(2) no. 2: a discharge letter goes to the GP', rule: 'DK-2', question: { recipientUnitType: 'hospital' }, codes: inHealth },
  { title: 'SUL 41(2): alcohol treatment is of the health service', rule: 'DK-2', question: { custodianUnitType: 'municipal-alcohol-treatment' }, codes: inHealth },
  { title: 'SUL 41(2): a social authority is not bound by it, nor freed', rule: 'DK-2', question: { custodianUnitType: 'municipal-social' }, codes: [] },
  { title: 'SUL 43(2) no. 2: GP to a social authority', rule: 'DK-7', question: { custodianUnitType: 'gp', recipientUnitType: 'municipal-social' }, codes: ['SUL-43-2-2'] },
  { title: 'SUL 43(2) no. 2: not from one social authority to another', rule: 'DK-7', question: { custodianUnitType: 'municipal-drug-treatment', recipientUnitType: 'municipal-social' }, codes: [] },
  { title: 'PSL 13a-13c, RSL 12c: psychiatry to municipality', rule: 'DK-8', question: { recipientUnitType: 'municipal-drug-treatment' }, codes: ['SUL-43-2-2', 'PSL-13c', 'RSL-12c'] },
  { title: 'PSL 13a-13c: municipality to psychiatry', rule: 'DK-8', question: { custodianUnitType: 'municipal-drug-treatment', recipientUnitType: 'hospital-psychiatry' }, codes: ['PSL-13c'] },
  { title: 'PSL 13a-13c: not between a municipality and a somatic ward', rule: 'DK-8', question: { custodianUnitType: 'municipal-drug-treatment', recipientUnitType: 'hospital' }, codes: [] },
  { title: 'RSL 12c: a somatic ward tells the municipality too', rule: 'DK-10', question: { custodianUnitType: 'hospital', recipientUnitType: 'municipal-health-care' }, codes: ['SUL-41-2-1', 'SUL-41-2-4', 'RSL-12c'] },
  { title: 'RSL 12c: a GP gives no notice of admission', rule: 'DK-10', question: { custodianUnitType: 'gp', recipientUnitType: 'municipal-health-care' }, codes: inHealth },
  { title: 'from nobody knows whom: none', rule: 'DK-2', question: { custodianUnitType: undefined }, codes: [] },
  { title: 'from a unit of a type that is none: none', rule: 'DK-2', question: { custodianUnitType: 'hospitals' }, codes: [] },
  { title: 'Norway has none', rule: 'NO-23', question: { jurisdiction: 'NO' }, codes: [] },
]
