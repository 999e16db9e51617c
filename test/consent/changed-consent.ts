/** Consents with one thing changed: the other half of a comparison. */
import fc from 'fast-check'
import type { Consent } from '@medplum/fhirtypes'
import type { ConsentVersion } from '#consent/decide.ts'

/** Fewer under mutation, where each of them runs a thousand times. */
export const RUNS = { numRuns: fc.readConfigureGlobal().numRuns ?? 300 }

/** The consents with one of them changed. */
export function changed(
  versions: readonly ConsentVersion[],
  which: number,
  change: (consent: Consent) => Consent,
): readonly ConsentVersion[] {
  return versions.map((version, index) =>
    index === which % versions.length ? { ...version, consent: change(version.consent) } : version,
  )
}

export function within(consent: Consent, period: { start?: string; end?: string }): Consent {
  return { ...consent, provision: { ...consent.provision, period } }
}

/** Without the element, or with something in its place that it cannot be. */
export function garbled(consent: Consent, element: keyof Consent, value: unknown): Consent {
  const { [element]: _, ...rest } = consent
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what a malformed consent may look like
  return (value === undefined ? rest : { ...rest, [element]: value }) as Consent
}
