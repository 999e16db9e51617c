/** Who wrote a resource: its author, recorder, performer or asserter, who ordered or sent it, or the agent of a Provenance about it. https://hl7.org/fhir/R4/provenance.html */
import type { Resource } from '@medplum/fhirtypes'
import { isFields } from './element-reader.ts'
import { chainOf, type Chain, partyNamed, type Registry } from './known-party.ts'
import { containedIn, type PartyName, partyNameIn } from './party-name.ts'
import { meansParty, type PartyTest } from './party-match.ts'
import { or, type Truth } from './truth.ts'

interface Written {
  readonly resource: Resource
  readonly resources: ReadonlyMap<string, Resource> | undefined
}

/** A unit that names nobody may be anybody's; so may one whose provenance nobody looked up. */
export function wasWrittenBy(name: PartyName, test: PartyTest, written: Written): Truth {
  const authors = [...authorsOf(written.resource), ...agentsOf(written)]
  const listed: PartyTest = { ...test, idsTell: true }
  const each = authors.map((author) => meansParty(name, chainOfAuthor(author, test), listed))
  return or(...each, authors.length === 0 || !written.resources ? 'unknown' : false)
}

const ELEMENTS = ['author', 'recorder', 'performer', 'asserter'] as const

/** The performer of an order is asked to do it, and wrote nothing yet. https://hl7.org/fhir/R4/fivews.html (author) */
const OF_TYPE: Readonly<Record<string, readonly string[]>> = {
  ServiceRequest: ['requester'],
  Communication: ['sender'],
  Goal: ['expressedBy'],
  Task: ['requester'],
}

function authorsOf(resource: Resource): readonly PartyName[] {
  const fields: unknown = resource
  if (!isFields(fields)) return []
  return namesIn(
    (OF_TYPE[resource.resourceType] ?? ELEMENTS).map((element) => fields[element]),
    resource,
  )
}

/** A Reference, or a backbone element whose `actor` or `who` is one. */
function namesIn(values: readonly unknown[], resource: unknown): readonly PartyName[] {
  const contained = containedIn(resource)
  return values.flat().flatMap((value: unknown) => {
    if (!isFields(value)) return []
    return partyNameIn(value['actor'] ?? value['who'] ?? value, contained)
  })
}

function agentsOf({ resource, resources }: Written): readonly PartyName[] {
  const key = `${resource.resourceType}/${resource.id ?? ''}`
  return [...(resources?.values() ?? [])].flatMap((each) => {
    const found: unknown = each
    if (!isFields(found) || found['resourceType'] !== 'Provenance') return []
    const targets = namesIn([found['target']].flat(), found)
    const isAboutIt = targets.some(({ reference }) => reference === key)
    return isAboutIt ? namesIn([found['agent']].flat(), found) : []
  })
}

function chainOfAuthor(author: PartyName, registry: Registry): Chain {
  const { reference, identifier } = author
  const known = partyNamed(author, registry)
  const named = {
    references: reference === undefined ? [] : [reference],
    identifiers: identifier ? [identifier] : [],
    parents: [],
  }
  return known
    ? [{ ...known, references: [...named.references, ...known.references] }, ...chainOf(known).slice(1)]
    : [named]
}
