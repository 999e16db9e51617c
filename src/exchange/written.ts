/** Writes, and answers in the form that the client prefers. */
import type { AcceptedWrite } from '#intake/store-write.ts'
import { findResource } from '#store/resources.ts'
import { accessOf } from './access.ts'
import { acceptedAnswer, acceptedHeaders } from './accepted-answer.ts'
import type { Answer } from './answer.ts'
import { asOne } from './as-one.ts'
import type { Call, Exchange } from './call.ts'
import { disclose } from './disclose.ts'
import { preferredReturn } from './prefer.ts'

export async function written(
  exchange: Exchange,
  call: Call,
  interaction: 'create' | 'update' | 'patch',
  accept: (exchange: Exchange) => Promise<AcceptedWrite>,
): Promise<Answer> {
  const preferred = preferredReturn(call)
  if (preferred === 'representation') return shown(exchange, call, interaction, accept)
  const write = await accept(exchange)
  if (preferred === undefined) return acceptedAnswer(exchange, write)
  const { status, headers, ...body } = acceptedAnswer(exchange, write)
  const applied = { ...headers, 'Preference-Applied': `return=${preferred}` }
  return preferred === 'minimal'
    ? { status, headers: applied, empty: true }
    : { status, headers: applied, ...body }
}

/** As it was stored, by the door like any read of it, and in the transaction of the write: the version that was made, and no later one. */
async function shown(
  exchange: Exchange,
  call: Call,
  interaction: 'create' | 'update' | 'patch',
  accept: (exchange: Exchange) => Promise<AcceptedWrite>,
): Promise<Answer> {
  return asOne(exchange, async (within, tx) => {
    const write = await accept(within)
    const stored = await findResource(tx, call.resourceType, write.id)
    const [judged] = await disclose(tx, within, accessOf(within, call, interaction), stored ? [stored] : [])
    if (!stored || !judged?.disclosure) throw new Error('its own record was withheld from its custodian')
    const { subjectId, id, versionId } = stored
    return {
      status: write.done === 'created' ? 201 : 200,
      headers: { ...acceptedHeaders(within, write), 'Preference-Applied': 'return=representation' },
      disclosure: judged.disclosure,
      version: { subjectId, id, versionId },
    }
  })
}
