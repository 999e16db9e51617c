/** Whose law a case is decided under, and what that law asks: told by what the context knows of custodian and recipient. */
import type { Resource } from '@medplum/fhirtypes'
import type { AccessRequest, Party } from '#consent/access-request.ts'
import { parseLocalInstant } from '#consent/instant.ts'
import { GatewayError } from '#fhir/gateway-error.ts'
import { legalFrame } from '#law/frame.ts'
import type { LawBook } from '#law/law-book.ts'
import type { LegalFrame } from '#law/legal-frame.ts'
import { jurisdictionOf, type OrganizationFacts, unitTypeOf } from '#law/organization-facts.ts'
import { organizationsOf } from './party-of.ts'

type Context = ReadonlyMap<string, Resource>

/**
 * Undefined without a custodian, or when nothing tells its country: then no national rule applies.
 * @throws GatewayError when it shows two countries: no law would be known to be the right one.
 */
export function legalFrameOf(
  { recipient, custodian, now, timeZone, action }: AccessRequest,
  context: Context,
  book: LawBook,
): LegalFrame | undefined {
  if (!custodian) return undefined
  const shown = factsUpwards(custodian, context).map((facts) => jurisdictionOf(book, facts))
  const jurisdiction = shown.find((country) => country !== undefined)
  if (jurisdiction === 'contradictory') throw twoCountries()
  const day = parseLocalInstant(now, timeZone)?.day()
  if (jurisdiction === undefined || day === undefined) return undefined
  return legalFrame(book, {
    jurisdiction,
    day,
    action,
    recipientUnitType: unitTypeIn(recipient, context, book),
    custodianUnitType: unitTypeIn(custodian, context, book),
  })
}

/** Of the unit itself, or the one that a person acts for: what is above it may do something else. */
export function unitTypeIn(party: Party, context: Context, book: LawBook): string | undefined {
  const [nearest] = factsUpwards(party, context)
  return nearest && unitTypeOf(book, nearest)
}

/** Nearest first. Whoever is not in the context is known by its numbers alone. */
function factsUpwards(party: Party, context: Context): readonly OrganizationFacts[] {
  const isPerson = party.references.some((reference) => /^Practitioner(?:Role)?\//.test(reference))
  const units = [...(isPerson ? [] : [party]), ...party.parents]
  return units.map((unit) => {
    const [organization] = organizationsOf({ ...unit, parents: [] }, context)
    return { ...organization, identifier: unit.identifiers }
  })
}

function twoCountries(): GatewayError {
  return new GatewayError({
    code: 'field-invalid',
    expression: 'request.custodian',
    text: 'found numbers or addresses of two countries, so that no law is known to apply; correct its Organization in `context`',
  })
}
