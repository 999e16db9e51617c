/** Whom consents name, as the registry knows them: by our own id, so that two numbers of one unit are one name. */
import type { Consent, Reference } from '@medplum/fhirtypes'
import type { NameOf } from '#capture/earlier-consents.ts'
import type { IsKnown } from '#capture/unknown-parties.ts'
import type { Transaction } from '#store/database.ts'
import { organizationsById, organizationsByIdentifier } from '#store/organizations.ts'

export interface ConsentNames {
  readonly nameOf: NameOf
  readonly isKnown: IsKnown
}

export async function consentNames(tx: Transaction, consents: readonly Consent[]): Promise<ConsentNames> {
  const named = consents.flatMap(({ provision }) => namedIn(provision))
  const numbered = await organizationsByIdentifier(
    tx,
    named.flatMap(({ identifier }) => identifier ?? []),
  )
  const ids = named.flatMap(({ reference }) => idIn(reference) ?? [])
  const referred = ids.length > 0 ? await organizationsById(tx, ids) : new Map<string, unknown>()
  const byNumber = new Map<string, string>(
    numbered.flatMap(({ id, identifiers }) =>
      identifiers.map(({ system, value }) => [`${system}|${value}`, `Organization/${id}`] as const),
    ),
  )
  return {
    nameOf: ({ reference, identifier }) =>
      reference ?? byNumber.get(numberIn(identifier)) ?? numberIn(identifier),
    isKnown: ({ reference, identifier }) =>
      byNumber.has(numberIn(identifier)) || referred.has(idIn(reference) ?? ''),
  }
}

const OUR_ORGANIZATION = /^Organization\/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/

function idIn(reference: string | undefined): string | undefined {
  return OUR_ORGANIZATION.exec(reference ?? '')?.[1]
}

function numberIn(identifier: Reference['identifier']): string {
  return `${identifier?.system ?? ''}|${identifier?.value ?? ''}`
}

function namedIn(provision: Consent['provision']): Reference[] {
  if (!provision) return []
  return [
    ...(provision.actor ?? []).flatMap(({ reference }): Reference[] => (reference ? [reference] : [])),
    ...(provision.provision ?? []).flatMap(namedIn),
  ]
}
