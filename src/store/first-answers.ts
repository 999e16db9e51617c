/** The first answer to each request that came with an Idempotency-Key, for as long as it is given again. */
import type { Transaction } from './database.ts'
import type { Seal } from './seal.ts'

export interface FirstAnswer {
  readonly requestSha256: Buffer
  readonly answer: string
}

/** Whether nobody else is at this key; if so, nobody else is until the transaction ends. */
export async function takeKey(tx: Transaction, keySha256: Buffer): Promise<boolean> {
  const [row] = await tx.query<{ taken: boolean }>({
    name: 'take-idempotency-key',
    text: 'select pg_try_advisory_xact_lock($1::bigint) as taken',
    values: [keySha256.readBigInt64BE().toString()],
  })
  return row?.taken === true
}

/** Ask after the key was taken: then whoever had it before has committed. */
export async function findFirstAnswer(
  tx: Transaction,
  seal: Seal,
  keySha256: Buffer,
): Promise<FirstAnswer | undefined> {
  const [row] = await tx.query<{ request_sha256: Buffer; sealed_answer: Buffer }>({
    name: 'find-first-answer',
    text: `
select request_sha256, sealed_answer from idempotency_key where key_sha256 = $1 and expires_at > now()`,
    values: [keySha256],
  })
  return (
    row && {
      requestSha256: row.request_sha256,
      answer: seal.open(place(keySha256), row.sealed_answer).toString(),
    }
  )
}

/** Whoever comes also clears away a few that are over, so that nothing else has to. */
export async function keepFirstAnswer(
  tx: Transaction,
  seal: Seal,
  keySha256: Buffer,
  { requestSha256, answer }: FirstAnswer,
): Promise<void> {
  await tx.query({
    name: 'keep-first-answer',
    text: `
with expired as (
  select key_sha256 from idempotency_key where expires_at < now() - interval '1 minute' and key_sha256 <> $1
  limit 10 for update skip locked
), cleared as (
  delete from idempotency_key k using expired e where k.key_sha256 = e.key_sha256
)
insert into idempotency_key (key_sha256, request_sha256, sealed_answer, expires_at)
values ($1, $2, $3, now() + interval '24 hours')
on conflict (key_sha256) do update
set request_sha256 = excluded.request_sha256, sealed_answer = excluded.sealed_answer, expires_at = excluded.expires_at`,
    values: [keySha256, requestSha256, seal.seal(place(keySha256), Buffer.from(answer))],
  })
}

function place(keySha256: Buffer): string {
  return `idempotency_key|${keySha256.toString('hex')}|sealed_answer`
}
