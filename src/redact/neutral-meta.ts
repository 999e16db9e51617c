/** What `meta` may still say once something was taken out: nothing that names the unit, or the kind of what went. */
import type { Coding, Meta } from '@medplum/fhirtypes'
import { ACT_CODE_SYSTEM, ACT_REASON_SYSTEM, normalizeSystem } from '#label/code-system.ts'

const OWN_PROFILES = 'https://sluse.example/fhir/StructureDefinition/'

/**
 * Tags, source and profiles of others may each name an addiction unit, and labels belong to what was labelled:
 * `release()` labels what remains. Duties are another matter: they bind whoever gets any part of it.
 */
export function neutralMeta({ versionId, lastUpdated, profile, security }: Meta): Meta | undefined {
  const ours = profile?.filter((url) => url.startsWith(OWN_PROFILES))
  const duties = security?.flatMap(dutyOf)
  const meta = {
    ...(versionId !== undefined && { versionId }),
    ...(lastUpdated !== undefined && { lastUpdated }),
    ...(ours?.length && { profile: ours }),
    ...(duties?.length && { security: duties }),
  }
  return Object.keys(meta).length > 0 ? meta : undefined
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
