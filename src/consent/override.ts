/** Breaking the glass: what a person must be and say for it. https://profiles.ihe.net/ITI/PCF/; pbrl 5-3, hpl 45; MinSpærring's "værdispring". */
import type { LawRuleId, LegalFrame } from '#law/legal-frame.ts'
import type { OverrideClaim } from './access-request.ts'
import { isAfter, type LocalInstant, parsePointInTime } from './instant.ts'

/** The rule that gives the ground, or undefined: then the override changes nothing. */
export function overrideRule(
  claim: OverrideClaim | undefined,
  law: LegalFrame | undefined,
  at: LocalInstant,
): LawRuleId | undefined {
  if (!claim?.privileged || !claim.hasReason) return undefined
  const until = parsePointInTime(claim.until)
  // A time box without an end is none.
  if (!until || isAfter(at, until)) return undefined
  return law?.overrideGrounds.find(({ code }) => code === claim.ground)?.rule
}
