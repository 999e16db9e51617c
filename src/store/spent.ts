/** What may be used once: a DPoP proof, over all replicas. https://www.rfc-editor.org/rfc/rfc9449#section-11.1 */
import type { Queryable } from './database.ts'

/** True for the first. INVARIANT: one atomic insert; the clean-up is bounded, and never touches what has not expired. */
export async function spendProof(db: Queryable, jkt: string, jti: string, expiresAt: Date): Promise<boolean> {
  const rows = await db.query({
    name: 'spend-proof',
    text: `
with expired as (
  select jkt, jti from spent_proof where expires_at < now() - interval '1 minute' limit 10 for update skip locked
), cleaned as (
  delete from spent_proof s using expired e where s.jkt = e.jkt and s.jti = e.jti
)
insert into spent_proof (jkt, jti, expires_at) values ($1, $2, $3) on conflict do nothing returning 1`,
    values: [jkt, jti, expiresAt],
  })
  return rows.length > 0
}
