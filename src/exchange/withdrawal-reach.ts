/** Whom and what a withdrawal in part concerns: which of what was disclosed has lost its basis. */
import type { Consent, ConsentProvision, Reference } from '@medplum/fhirtypes'
import type { Withdrawal } from '#capture/withdrawal.ts'
import { ACT_CODE_SYSTEM, CONFIDENTIALITY_SYSTEM, normalizeSystem } from '#label/code-system.ts'
import { exceeds, isConfidentiality } from '#label/label-record.ts'
import { coversSensitivity } from '#label/sensitivity.ts'
import type { Transaction } from '#store/database.ts'
import { organizationsById, organizationsByIdentifier } from '#store/organizations.ts'
import type { DisclosedUnder } from '#store/recalls.ts'
import { isUuid } from './access.ts'

type Named = Pick<Reference, 'reference' | 'identifier'>

/** What cannot be told apart is affected: a recipient that hears too much looks once too often. */
export async function affectedBy(
  tx: Transaction,
  withdrawal: Withdrawal,
  all: readonly DisclosedUnder[],
): Promise<readonly DisclosedUnder[]> {
  switch (withdrawal.kind) {
    case 'whole':
      return all
    case 'recipient': {
      const concerned = await unitsBelow(tx, await unitsNamed(tx, withdrawal.recipient), all)
      return all.filter(({ recipient }) => concerned.has(recipient))
    }
    case 'class': {
      const { system, code } = withdrawal.class
      const isType = system === 'http://hl7.org/fhir/resource-types'
      return all.filter(({ resourceType }) => !isType || resourceType === code)
    }
    case 'securityLabel': {
      const { system = '', code = '' } = withdrawal.securityLabel
      return all.filter(({ labels }) => !labels || hasLabel(labels, normalizeSystem(system), code))
    }
  }
}

/** By its id, or by any number that the registry has. */
async function unitsNamed(tx: Transaction, { reference, identifier }: Named): Promise<ReadonlySet<string>> {
  const id = reference?.replace(/^Organization\//, '')
  if (isUuid(id)) return new Set((await organizationsById(tx, [id])).has(id) ? [id] : [])
  if (!identifier) return new Set()
  const found = await organizationsByIdentifier(tx, [identifier])
  return new Set(
    found
      .filter(({ identifiers }) =>
        identifiers.some(({ system, value }) => system === identifier.system && value === identifier.value),
      )
      .map((each) => each.id),
  )
}

/** A refusal for a unit is one for the units below it as well. */
async function unitsBelow(
  tx: Transaction,
  named: ReadonlySet<string>,
  all: readonly DisclosedUnder[],
): Promise<ReadonlySet<string>> {
  const recipients = [...new Set(all.map(({ recipient }) => recipient))]
  const organizations = await organizationsById(tx, recipients)
  return new Set(
    recipients.filter((recipient) => {
      const seen = new Set<string>()
      for (let id: string | undefined = recipient; id && !seen.has(id); id = organizations.get(id)?.partOf) {
        if (named.has(id)) return true
        seen.add(id)
      }
      return false
    }),
  )
}

/** One that neither the registry nor the consent has is a misspelling: the right one would keep what it was to lose. */
export async function isKnownRecipient(tx: Transaction, named: Named, consent: Consent): Promise<boolean> {
  if ((await unitsNamed(tx, named)).size > 0) return true
  return namedIn(consent.provision).some(
    ({ reference, identifier }) =>
      (reference !== undefined && reference === named.reference) ||
      (identifier?.value !== undefined &&
        identifier.value === named.identifier?.value &&
        identifier.system === named.identifier.system),
  )
}

function namedIn(provision: ConsentProvision | undefined): readonly Named[] {
  if (!provision) return []
  const own = (provision.actor ?? []).flatMap(({ reference }) => reference ?? [])
  return [...own, ...(provision.provision ?? []).flatMap(namedIn)]
}

function hasLabel(labels: NonNullable<DisclosedUnder['labels']>, system: string, code: string): boolean {
  if (system === ACT_CODE_SYSTEM) return labels.sensitivities.some((found) => coversSensitivity(code, found))
  if (system !== CONFIDENTIALITY_SYSTEM || !isConfidentiality(code)) return true
  return code === labels.confidentiality || exceeds(labels.confidentiality, code)
}
