/**
 * What a new consent means for those that the same organisation holds already: it takes the place of the one to the same
 * recipients under the same policy, and whoever signs is told of the others. https://profiles.ihe.net/ITI/PCF/ (use case 2)
 */
import type { CodeableConcept, Consent, ConsentProvision, Reference } from '@medplum/fhirtypes'
import { baseEffect } from './policy.ts'
import { permits, roleOf } from './provisions.ts'

export interface EarlierConsent {
  readonly id: string
  readonly consent: Consent
}

/** To be shown with the answer. It names consents of the sender's own only. */
export interface Notice {
  readonly severity: 'warning' | 'information'
  readonly text: string
  readonly expression?: string
}

export interface Relation {
  readonly replaces: readonly EarlierConsent[]
  readonly notices: readonly Notice[]
}

/** One name for whoever is meant, so that two numbers of one unit are one recipient. */
export type NameOf = (reference: Reference) => string

/** `earlier`: the active ones of the same citizen and organisation. */
export function relateToEarlier(
  consent: Consent,
  earlier: readonly EarlierConsent[],
  nameOf: NameOf,
): Relation {
  const replaces = earlier.filter((each) => takesPlaceOf(consent, each.consent, nameOf))
  const kept = earlier.filter((each) => !replaces.includes(each))
  return {
    replaces,
    notices: [
      ...replaces.map(({ id }): Notice => ({
        severity: 'information',
        text: `took the place of \`Consent/${id}\`, to the same recipients under the same policy, which is inactive now`,
      })),
      ...kept.flatMap((each) => noticesOf(consent, each, nameOf)),
    ],
  }
}

/** A refusal is never replaced, nor is one inside a permit that this one does not repeat: only its own withdrawal lifts it. */
function takesPlaceOf(consent: Consent, other: Consent, nameOf: NameOf): boolean {
  if (baseEffect(consent) !== 'permit' || baseEffect(other) !== 'permit') return false
  const repeated = new Set(refusalsIn(consent.provision))
  if (!refusalsIn(other.provision).every((refusal) => repeated.has(refusal))) return false
  const [ours, theirs] = [consent, other].map((each) => recipientsOf(each, nameOf))
  return (
    policyOf(consent) === policyOf(other) &&
    ours !== undefined &&
    theirs !== undefined &&
    ours.size === theirs.size &&
    [...ours].every((name) => theirs.has(name))
  )
}

/** Each refusal inside, with all that limits it: what it says itself, and what stands around it. */
function refusalsIn(provision: ConsentProvision = {}, around: readonly string[] = []): readonly string[] {
  const { provision: inner = [], ...own } = provision
  const limits = [...around, JSON.stringify(own)]
  return inner.flatMap((child) => {
    const { provision: _below, ...criteria } = child
    const refusal = child.type === 'deny' ? [JSON.stringify([...limits, criteria])] : []
    return [...refusal, ...refusalsIn(child, limits)]
  })
}

function noticesOf(consent: Consent, { id, consent: other }: EarlierConsent, nameOf: NameOf): Notice[] {
  const overlap = (ofOther: 'permit' | 'deny', own: 'permit' | 'deny'): boolean =>
    overlaps(namedBy(consent, own, nameOf), namedBy(other, ofOther, nameOf))
  const expression = 'Consent.provision.actor'
  return [
    ...(permits(consent) && overlap('deny', 'permit')
      ? [
          {
            severity: 'warning' as const,
            expression,
            text: `\`Consent/${id}\` refuses for a recipient of this one, and a refusal goes before a permit: withdraw it first if the citizen takes it back`,
          },
        ]
      : []),
    ...(permits(other) && overlap('permit', 'deny')
      ? [
          {
            severity: 'warning' as const,
            expression,
            text: `this one refuses what \`Consent/${id}\` permits for the same recipient, and goes before it`,
          },
        ]
      : []),
    ...(permits(consent) && permits(other) && overlap('permit', 'permit')
      ? [
          {
            severity: 'warning' as const,
            expression,
            text: `\`Consent/${id}\` permits for a recipient of this one as well, and stays: withdraw it if this one was to take its place`,
          },
        ]
      : []),
  ]
}

type Names = ReadonlySet<string> | 'everybody' | 'nobody'

function overlaps(one: Names, other: Names): boolean {
  if (one === 'nobody' || other === 'nobody') return false
  if (one === 'everybody' || other === 'everybody') return true
  return [...one].some((name) => other.has(name))
}

/** For whom the provisions of one type are. Without a recipient of its own, or from around it, one is for everybody. */
function namedBy(consent: Consent, type: 'permit' | 'deny', nameOf: NameOf): Names {
  const found = namesIn(consent.provision ?? {}, baseEffect(consent), undefined, nameOf)
    .filter((each) => each.effect === type)
    .map(({ names }) => names)
  if (found.length === 0) return 'nobody'
  if (found.some((names) => names === undefined)) return 'everybody'
  return new Set(found.flatMap((names) => [...(names ?? [])]))
}

interface Named {
  readonly effect: 'permit' | 'deny' | undefined
  readonly names: ReadonlySet<string> | undefined
}

function namesIn(
  provision: ConsentProvision,
  effect: Named['effect'],
  around: Named['names'],
  nameOf: NameOf,
): readonly Named[] {
  const own = (provision.actor ?? []).flatMap((actor) =>
    roleOf(actor) === 'source' || !actor.reference ? [] : [nameOf(actor.reference)],
  )
  const names = own.length > 0 ? new Set(own) : around
  const inner = (provision.provision ?? []).flatMap((child) => namesIn(child, child.type, names, nameOf))
  return [{ effect, names }, ...inner]
}

function recipientsOf(consent: Consent, nameOf: NameOf): ReadonlySet<string> | undefined {
  const names = namedBy(consent, 'permit', nameOf)
  return typeof names === 'string' ? undefined : names
}

/** The same, whatever the order of the codes and the words beside them. */
function policyOf({ policy = [], policyRule }: Consent): string {
  const uris = policy.map(({ authority = '', uri = '' }) => `${authority}|${uri}`)
  return JSON.stringify([...uris, ...codesOf(policyRule)].sort())
}

function codesOf(concept: CodeableConcept | undefined): readonly string[] {
  const codes = (concept?.coding ?? []).map(({ system = '', code = '' }) => `${system}|${code}`)
  return codes.length > 0 ? codes : [concept?.text ?? '']
}
