/** Which purposes lie below which. https://hl7.org/fhir/R4/v3/ActReason/cs.html (PurposeOfUse, complete for 4.0.1) */

const children: readonly (readonly [string, string])[] = [
  ['PurposeOfUse', 'TREAT HPAYMT HOPERAT HRESCH PATRQT PUBHLTH HMARKT'],
  ['TREAT', 'CLINTRL COC ETREAT POPHLTH'],
  ['ETREAT', 'BTG ERTREAT'],
  ['HPAYMT', 'CLMATTCH COVAUTH COVERAGE REMITADV'],
  ['COVERAGE', 'ELIGDTRM ELIGVER ENROLLM MILDCRG'],
  [
    'HOPERAT',
    'CAREMGT DONAT FRAUD GOV HACCRED HCOMPL HDECD HDIRECT HDM HLEGAL HOUTCOMS HPRGRP HQUALIMP HSYSADMIN',
  ],
  ['HOPERAT', 'MEMADMIN MILCDM PATADMIN PATSFTY PERFMSR RECORDMGT SYSDEV TRAIN'],
  ['HSYSADMIN', 'LABELING METAMGT'],
  ['SYSDEV', 'HTEST'],
  ['HRESCH', 'BIORCH CLINTRCH DSRCH POARCH TRANSRCH'],
  ['CLINTRCH', 'CLINTRCHNPC CLINTRCHPC PRECLINTRCH'],
  ['PATRQT', 'FAMRQT PWATRNY SUPNWK'],
  ['PUBHLTH', 'DISASTER THREAT'],
]

const parentOf: ReadonlyMap<string, string> = new Map(
  children.flatMap(([parent, codes]) => codes.split(' ').map((code) => [code, parent] as const)),
)

/** Breaking the glass is never a kind of treatment that somebody consented to, though the tree has it below TREAT. */
export const BREAK_GLASS = 'BTG'

/** Whether a rule for `listed` speaks of a request for `asked`: the same, or an ancestor of it. */
export function coversPurpose(listed: string, asked: string): boolean {
  if (listed === asked) return true
  if (asked === BREAK_GLASS) return false
  for (let code = parentOf.get(asked); code !== undefined; code = parentOf.get(code))
    if (code === listed) return true
  return false
}

export function isPurposeOfUse(code: string): boolean {
  return parentOf.has(code) || code === 'PurposeOfUse'
}
