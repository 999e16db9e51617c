/** A release that a law permits without consent: only what this deployment has switched on, and only as the law demands. SUL 41(2), 43(2); psykiatriloven 13a-13c; RSL 12c. */
import type { LegalFrame, StatutoryBasis } from '#law/legal-frame.ts'
import type { LegalBasisClaim } from './access-request.ts'

export function statutoryBasis(
  claim: LegalBasisClaim | undefined,
  law: LegalFrame | undefined,
): StatutoryBasis | undefined {
  const basis = law?.withoutConsent.find(({ code }) => code === claim?.code)
  if (!basis || !claim) return undefined
  return basis.demands.every((demand) => isFilled(claim[demand])) ? basis : undefined
}

function isFilled(text: string | undefined): boolean {
  return text !== undefined && text.trim() !== ''
}
