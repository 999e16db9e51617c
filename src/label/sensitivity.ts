/** Which sensitivity code stands for which others. https://hl7.org/fhir/R4/v3/ActCode/cs.html (ActInformationSensitivityPolicy) */

const SUBSTANCE_USE = ['ETH', 'SUD', 'ETHUD', 'OPIOIDUD']
const MENTAL_HEALTH = ['MH', 'PSY', 'PSYTHPN']
const BEHAVIOURAL = ['BH', 'COGN', 'DVD', 'EMOTDIS', ...MENTAL_HEALTH, ...SUBSTANCE_USE]

/**
 * Two places where the tree of the standard is not enough: ETH (an older code for substance use) stands apart from
 * SUD, and MH and PSY are siblings of BH, though anybody who lists BH or MH means them.
 */
const below: ReadonlyMap<string, ReadonlySet<string>> = new Map([
  ['SUD', new Set(SUBSTANCE_USE)],
  ['ETH', new Set(SUBSTANCE_USE)],
  ['MH', new Set(MENTAL_HEALTH)],
  ['BH', new Set(BEHAVIOURAL)],
  ['SPI', new Set(['SPI', ...BEHAVIOURAL])],
])

const standingAlone = 'GDIS HIV MST SCA SDV SEX STD TBOO VIO ADOL CEL DIA DRGIS EMP PDS PHY PRS SSP LOCIS'
const known: ReadonlySet<string> = new Set(['SPI', ...BEHAVIOURAL, ...standingAlone.split(' ')])

export function isSensitivity(code: string): boolean {
  return known.has(code)
}

/** Whether a rule that lists `listed` speaks of data labelled `found`. */
export function coversSensitivity(listed: string, found: string): boolean {
  return listed === found || (below.get(listed)?.has(found) ?? false)
}

/** All that a rule which lists this one speaks of. */
export function sensitivitiesMeant(listed: string): readonly string[] {
  return [...new Set([listed, ...(below.get(listed) ?? [])])]
}

/** What a therapist noted down, and what the citizen asked to be kept apart, stand above everything else. */
const VERY_RESTRICTED: ReadonlySet<string> = new Set(['PSYTHPN', 'PRS'])

/** The least that a sensitivity asks for: nothing sensitive is normal. */
export function impliedConfidentiality(sensitivities: readonly string[]): 'N' | 'R' | 'V' {
  if (sensitivities.length === 0) return 'N'
  return sensitivities.some((code) => VERY_RESTRICTED.has(code)) ? 'V' : 'R'
}

/** SSP and LOCIS say that the provider or the place is sensitive; the illness that it treats is another label. */
export function isFacilitySensitivity(code: string): boolean {
  return code === 'SSP' || code === 'LOCIS'
}

/** The illnesses that a unit's name gives away. */
export function isClinicalOfUnit(code: string): boolean {
  return code === 'MH' || code === 'PSY' || SUBSTANCE_USE.includes(code)
}
