/**
 * An answer as it is kept to be given again. Clinical content is never kept: where the first answer held a resource, the
 * version that it showed is kept by its name, and goes through the door again.
 */
import { findVersions } from '#store/resources.ts'
import type { Transaction } from '#store/database.ts'
import { accessOf } from './access.ts'
import type { Answer, AnsweredBundle, AnsweredVersion, NonClinical } from './answer.ts'
import type { Call, Exchange } from './call.ts'
import { disclose } from './disclose.ts'

export interface KeptAnswer {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: NonClinical
  readonly version?: AnsweredVersion
  readonly bundle?: { readonly type: AnsweredBundle['type']; readonly answers: readonly KeptAnswer[] }
}

export function keptAnswer(answer: Answer): KeptAnswer {
  const { status, headers } = answer
  const kept: KeptAnswer = { status, ...(headers && { headers }) }
  if ('nonClinical' in answer) return { ...kept, body: answer.nonClinical }
  if ('empty' in answer) return kept
  if ('disclosure' in answer && answer.version) return { ...kept, version: answer.version }
  if ('bundle' in answer)
    return { ...kept, bundle: { ...answer.bundle, answers: answer.bundle.answers.map(keptAnswer) } }
  throw new Error('an answer of this kind cannot be kept')
}

export async function replayed(
  tx: Transaction,
  exchange: Exchange,
  call: Call,
  kept: KeptAnswer,
): Promise<Answer> {
  const answer = await again(tx, exchange, call, kept)
  return { ...answer, headers: { ...answer.headers, 'Idempotency-Replayed': 'true' } }
}

async function again(
  tx: Transaction,
  exchange: Exchange,
  call: Call,
  { status, headers, body, version, bundle }: KeptAnswer,
): Promise<Answer> {
  const common = { status, ...(headers && { headers }) }
  if (body) return { ...common, nonClinical: body }
  if (bundle) {
    const answers: Answer[] = []
    for (const each of bundle.answers) answers.push(await again(tx, exchange, call, each))
    return { ...common, bundle: { type: bundle.type, answers } }
  }
  if (!version) return { ...common, empty: true }
  const stored = await findVersions(tx, [version])
  const [judged] = await disclose(tx, exchange, accessOf(exchange, call, 'vread'), stored)
  // Deleted since: what was answered then can be shown no more, and that it was done still holds.
  return judged?.disclosure ? { ...common, disclosure: judged.disclosure } : { ...common, empty: true }
}
