/** The decision cases of `cases/*.json`: a base and an RFC 7396 patch each, so that a case shows only what it is about. */
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Consent, Resource } from '@medplum/fhirtypes'
import { readLabelRules } from '#assets/codes.ts'
import type { AccessRequest, DecisionContext, Party } from '#consent/access-request.ts'
import { compileConsent, type ConsentVersion, decide, type LabelledResource } from '#consent/decide.ts'
import type { Decision } from '#consent/decision.ts'
import { label } from '#label/label.ts'
import type { LegalFrame } from '#law/legal-frame.ts'
import { mergePatch } from '#test/merge-patch.ts'

export const rules = readLabelRules(fileURLToPath(new URL('../../', import.meta.url)))
export const context: DecisionContext = { ruleSetVersion: rules.version }

/** The gateway's own way to a decision, for the tests: what is done to consents before they are decided on is done here. */
export function decided(
  request: AccessRequest,
  consents: readonly ConsentVersion[],
  target: LabelledResource,
  around: DecisionContext = context,
): Decision {
  return decide(request, consents.map(compileConsent), target, around)
}

type Patched = string | { readonly base: string; readonly with?: object }

export interface DecisionCase {
  readonly title: string
  /** Number of the rule in `rules.json`. */
  readonly rule: string
  readonly request?: object
  readonly resource: Patched
  readonly consents: readonly {
    readonly id: string
    readonly base: string
    readonly with?: object
    /** Merged into the ConsentVersion itself, such as `{ "recordedBy": "Organization/gp" }`. */
    readonly version?: Partial<ConsentVersion>
  }[]
  readonly custodianSensitivities?: readonly string[]
  readonly labels?: 'none' | 'stale'
  readonly parties?: readonly Party[]
  /** Merged into the law of `base/law-dk.json` or `base/law-no.json`; absent: no jurisdiction is known. */
  readonly law?: { readonly base: 'law-dk' | 'law-no'; readonly with?: object }
  /** What the caller looked up: groups, organisations, the patient's other resources. By `Type/id`. */
  readonly lookedUp?: readonly Resource[]
  /** By code, beside REDACT where something is withheld and the duties that restricted content brings. */
  readonly obligations?: readonly string[]
  readonly want: Wanted
}

export function contextOf({ parties = [], law, lookedUp = [] }: DecisionCase): DecisionContext {
  return {
    ...context,
    parties,
    ...(law && { law: lawOf(law) }),
    resources: new Map(lookedUp.map((resource) => [`${resource.resourceType}/${resource.id}`, resource])),
  }
}

/** A decision in short: `basis` as `consent/version provision`, `withheld` as `path reason`. */
export interface Wanted {
  readonly effect: string
  readonly reason: string
  readonly basis: readonly string[]
  readonly withheld: readonly string[]
}

function readJson(path: string): unknown {
  return JSON.parse(readFileSync(new URL(path, import.meta.url), 'utf8'))
}

export function caseFiles(): readonly (readonly [string, readonly DecisionCase[]])[] {
  const names = readdirSync(new URL('cases/', import.meta.url)).sort()
  return names.map((name) => [name.replace('.json', ''), casesOf(name)] as const)
}

function casesOf(name: string): readonly DecisionCase[] {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- our own fixtures, checked by the runner that uses them
  return readJson(`cases/${name}`) as DecisionCase[]
}

function patched(patch: Patched): unknown {
  const { base, with: changes = {} } = typeof patch === 'string' ? { base: patch } : patch
  return mergePatch(readJson(`base/${base}.json`), changes)
}

// A case may well be something that R4 does not allow: the four below say what the gateway would take it for.

export function requestOf(changes: object = {}): AccessRequest {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  return patched({ base: 'request', with: changes }) as AccessRequest
}

export function consentOf(id: string, base = 'treatment-permit', changes: object = {}): ConsentVersion {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  return { id, versionId: '1', consent: patched({ base, with: changes }) as Consent }
}

export function lawOf(law: Patched): LegalFrame {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  return patched(law) as LegalFrame
}

export function resourceOf(patch: Patched): Resource {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  return patched(patch) as Resource
}

export function labelled(
  resource: Resource,
  custodianSensitivities: readonly string[] = [],
): LabelledResource {
  return { resource, labels: label(resource, rules, { custodianSensitivities }) }
}

export function inShort({ effect, reason, basis, withheld }: Decision): Wanted {
  return {
    effect,
    reason,
    basis: basis.map(({ consent, version, provision }) => `${consent}/${version} ${provision}`),
    withheld: withheld.map((item) => `${item.path} ${item.reason}`).sort(),
  }
}
