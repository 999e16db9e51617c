/**
 * An answer as it is kept to be given again. Clinical content is never kept: where the first answer held a resource, the
 * version that it showed is kept by its name, and goes through the door again.
 */
import { findVersions } from '#store/resources.ts'
import type { Transaction } from '#store/database.ts'
import { accessOf } from './access.ts'
import type { Answer, AnsweredVersion, NonClinical } from './answer.ts'
import type { Call, Exchange } from './call.ts'
import { disclose } from './disclose.ts'

export interface KeptAnswer {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: NonClinical
  readonly version?: AnsweredVersion
}

export function keptAnswer(answer: Answer): KeptAnswer {
  const { status, headers } = answer
  const kept: KeptAnswer = { status, ...(headers && { headers }) }
  if ('nonClinical' in answer) return { ...kept, body: answer.nonClinical }
  if ('empty' in answer) return kept
  if ('disclosure' in answer && answer.version) return { ...kept, version: answer.version }
  throw new Error('an answer of this kind cannot be kept')
}

export async function replayed(
  tx: Transaction,
  exchange: Exchange,
  call: Call,
  { status, headers, body, version }: KeptAnswer,
): Promise<Answer> {
  const again = { status, headers: { ...headers, 'Idempotency-Replayed': 'true' } }
  if (body) return { ...again, nonClinical: body }
  if (!version) return { ...again, empty: true }
  const stored = await findVersions(tx, [version])
  const [judged] = await disclose(tx, exchange, accessOf(exchange, call, 'vread'), stored)
  // Deleted since: what was answered then can be shown no more, and that it was done still holds.
  return judged?.disclosure ? { ...again, disclosure: judged.disclosure } : { ...again, empty: true }
}
