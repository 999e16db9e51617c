/**
 * The load: hospital and municipality write plans of several citizens, and some citizens give and withdraw consents
 * again and again. What was acknowledged is noted, and between which instants a consent held for certain.
 */
import { randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import type { ApiAnswer, BackendClient } from '#sandbox/backend-client.ts'
import { sendFhir } from '#test/fhir-samples.ts'
import { citizens, consentOf, type Cpr, planOf } from '#test/process-steps.ts'
import type { Random } from './random.ts'

export type Organization = 'hospital' | 'municipality' | 'gp'
export type Recipient = 'municipality' | 'gp'

export interface Acknowledged {
  readonly version: string
  readonly cpr: Cpr
  readonly custodian: Organization
}

/** A change of a consent: between `sent` and `answered` nobody outside can say whether it holds already. */
export interface ConsentChange {
  readonly cpr: Cpr
  readonly recipient: Recipient
  readonly active: boolean
  readonly sent: number
  readonly answered: number
}

export interface Load {
  readonly acknowledged: readonly Acknowledged[]
  readonly changes: readonly ConsentChange[]
  /** Ends when everything that was begun has been answered. */
  stop(): Promise<void>
}

/** Stands in every plan; nowhere else may it ever stand. */
export const CANARY = 'KANARIEFUGL'

/** One whose consents stand, one without any, and three that cannot make up their minds. */
const constant: Cpr = citizens.elmer
const none: Cpr = citizens.berggren
const changing: readonly (readonly [Cpr, Recipient])[] = [
  [citizens.third, 'municipality'],
  [citizens.fourth, 'gp'],
  [citizens.fifth, 'municipality'],
]

export async function startLoad(
  clients: Readonly<Record<'hospital' | 'municipality', BackendClient>>,
  random: Random,
): Promise<Load> {
  const acknowledged: Acknowledged[] = []
  const changes: ConsentChange[] = []
  const stopping = new AbortController()
  const goesOn = (): boolean => !stopping.signal.aborted

  async function write(custodian: 'hospital' | 'municipality', cpr: Cpr): Promise<void> {
    const own = randomUUID()
    for (let i = 1; goesOn(); i += 1) {
      // The hospital replaces its plan, the municipality writes a new one each time.
      const { id, ...plan } = planOf(cpr, own, `${CANARY} ${i}`)
      const answer =
        custodian === 'hospital'
          ? await tried(sendFhir(clients.hospital, 'PUT', `/fhir/CarePlan/${own}`, { ...plan, id }))
          : await tried(sendFhir(clients.municipality, 'POST', '/fhir/CarePlan', plan))
      const version = answer && versionOf(answer)
      if (version) acknowledged.push({ version, cpr, custodian })
      await pause(random.between(5, 40))
    }
  }

  async function change(cpr: Cpr, recipient: Recipient, id: string, active: boolean): Promise<void> {
    const consent = { ...consentOf(cpr, recipient), id, status: active ? 'active' : 'inactive' }
    const sent = Date.now()
    // Until it is acknowledged: who withdraws does not give up.
    for (;;) {
      const answer = await tried(sendFhir(clients.hospital, 'PUT', `/fhir/Consent/${id}`, consent))
      if (answer && versionOf(answer)) break
      await pause(50)
    }
    changes.push({ cpr, recipient, active, sent, answered: Date.now() })
  }

  async function waver(cpr: Cpr, recipient: Recipient): Promise<void> {
    const id = randomUUID()
    for (let active = true; goesOn(); active = !active) {
      await change(cpr, recipient, id, active)
      await pause(random.between(100, 700))
    }
  }

  await change(constant, 'municipality', randomUUID(), true)
  await change(constant, 'gp', randomUUID(), true)
  const running = Promise.all([
    ...[constant, none, ...changing.map(([cpr]) => cpr)].map((cpr) => write('hospital', cpr)),
    ...[constant, none].map((cpr) => write('municipality', cpr)),
    ...changing.map(([cpr, recipient]) => waver(cpr, recipient)),
  ])
  return {
    acknowledged,
    changes,
    stop: async () => {
      stopping.abort()
      await running
    },
  }
}

/** Undefined: no answer, so nobody knows whether it was stored. */
async function tried(answer: Promise<ApiAnswer>): Promise<ApiAnswer | undefined> {
  try {
    return await answer
  } catch {
    return undefined
  }
}

/** Of a write that was acknowledged. 503 is the one refusal that chaos may cause. */
function versionOf({ status, headers, text }: ApiAnswer): string | undefined {
  if (status === 503) return undefined
  const version = /^W\/"(.+)"$/.exec(headers.get('etag') ?? '')?.[1]
  if ((status !== 200 && status !== 201) || !version) throw new Error(`HTTP ${status}: ${text}`)
  return version
}
