/** What `meta` may still say once something was taken out: nothing that names the unit, or the kind of what went. */
import type { Coding, Meta } from '@medplum/fhirtypes'
import type { Decision } from '#consent/decision.ts'
import { ACT_CODE_SYSTEM, ACT_REASON_SYSTEM, normalizeSystem } from '#label/code-system.ts'
import { confidentialityOf, isDerived, sensitivityOf } from '#label/security-meta.ts'

const OWN_PROFILES = 'https://sluse.example/fhir/StructureDefinition/'

/**
 * Tags, source and profiles of others may each name an addiction unit, and labels belong to what was labelled:
 * `release()` labels what remains. A label that the source put on the whole stays its own where it is true of what
 * remains. Duties are another matter: they bind whoever gets any part of it.
 */
export function neutralMeta(
  { versionId, lastUpdated, profile, security }: Meta,
  remaining: Decision['remaining'],
): Meta | undefined {
  const ours = profile?.filter((url) => url.startsWith(OWN_PROFILES))
  const kept = security?.flatMap((coding) => [...labelOf(coding, remaining), ...dutyOf(coding)])
  const meta = {
    ...(versionId !== undefined && { versionId }),
    ...(lastUpdated !== undefined && { lastUpdated }),
    ...(ours?.length && { profile: ours }),
    ...(kept?.length && { security: kept }),
  }
  return Object.keys(meta).length > 0 ? meta : undefined
}

/** By system and code alone; what we derived is derived anew. */
function labelOf(coding: Coding, remaining: Decision['remaining']): readonly Coding[] {
  const { system, code } = coding
  if (!remaining || isDerived(coding) || system === undefined || code === undefined) return []
  const stays =
    remaining.sensitivities.some((each) => each === sensitivityOf(coding)) ||
    remaining.confidentiality === confidentialityOf(coding)
  return stays ? [{ system, code }] : []
}

/** Obligations and refrains of v3-ActCode that speak of handling and not of content. https://hl7.org/fhir/R4/v3/ActCode/cs.html */
const DUTIES: ReadonlySet<string> = new Set(
  `MASK AUDIT AUDTR CPLYCD CPLYPOL ENCRYPT PERSISTLABEL MINEC DELAU HUAPRV
  NODSCLCD NODSCLCDS NORDSCLCD NORDSCLCDS NOAUTH NOREUSE NOPERSISTP ORCON`.split(/\s+/),
)

/** By system and code alone: a display is text of the sender's. Purposes that the source allows are duties too. */
function dutyOf({ system, code }: Coding): readonly Coding[] {
  const uri = system === undefined ? undefined : normalizeSystem(system)
  const isDuty = uri === ACT_CODE_SYSTEM && code !== undefined && DUTIES.has(code)
  const isPurpose = uri === ACT_REASON_SYSTEM && code !== undefined && /^[A-Za-z]{1,20}$/.test(code)
  return (isDuty || isPurpose) && system !== undefined && code !== undefined ? [{ system, code }] : []
}
