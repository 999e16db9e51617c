/** One conditional rule in the form of IHE PCF, with the words of the consent. https://profiles.ihe.net/ITI/PCF/other.html */
import type { Consent, ConsentProvision, ConsentProvisionData } from '@medplum/fhirtypes'
import type { ContentElement } from './content-criteria.ts'
import type { Criteria } from './criteria.ts'
import type { Effect } from './criteria-match.ts'
import { labelsMeant } from './meant-labels.ts'
import type { ResidualEntry } from './residual.ts'

export interface OpenRule {
  readonly consent: Consent
  /** `provision.provision[0]` */
  readonly path: string
  readonly effect: Effect
  readonly criteria: Criteria
  readonly open: readonly ContentElement[]
}

/**
 * Undefined for a permit by author and by data at once: PCF has one list for both, and one that lost either would permit
 * more. A forbid without its author forbids more, and is written.
 */
export function residualEntry({
  consent,
  path,
  effect,
  criteria,
  open,
}: OpenRule): ResidualEntry | undefined {
  const { securityLabel, authors = [] } = criteria
  const stated = statedAt(consent, path)
  const isOpen = (element: ContentElement) => open.includes(element)
  const takesBoth = isOpen('authors') && isOpen('data')
  if (effect === 'permit' && takesBoth) return undefined
  const data = isOpen('data') ? stated.data : isOpen('authors') ? authors.map(asAuthor) : undefined
  return {
    type: effect === 'permit' ? 'permit' : 'forbid',
    ...(isOpen('securityLabel') && securityLabel && { securityLabel: labelsMeant(securityLabel, effect) }),
    ...(isOpen('dataPeriod') && stated.dataPeriod && { dataPeriod: stated.dataPeriod }),
    ...(data && { data }),
    ...(isOpen('class') && stated.class && { class: stated.class }),
    // Public editors write one object in place of the list.
    ...(isOpen('code') && stated.code && { code: [stated.code].flat() }),
  }
}

/** What the provision says, and what it takes over from those around it. */
function statedAt({ provision }: Consent, path: string): ConsentProvision {
  let node: ConsentProvision | undefined = provision
  let stated: ConsentProvision = { ...node }
  for (const [, index] of path.matchAll(/\[(\d+)\]/g)) {
    node = node?.provision?.[Number(index)]
    stated = { ...stated, ...node }
  }
  return stated
}

function asAuthor({ name }: NonNullable<Criteria['authors']>[number]): ConsentProvisionData {
  const { reference, identifier } = name
  return {
    meaning: 'authoredby',
    reference: { ...(reference !== undefined && { reference }), ...(identifier && { identifier }) },
  }
}
