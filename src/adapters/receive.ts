/** Bytes of a sector in, its receipt out: parse, then intake. What is refused is quarantined by the caller. */
import type { GatewayError } from '#fhir/gateway-error.ts'
import { acceptMessage, type IntakeOptions } from '#intake/intake.ts'
import type { Origin } from '#intake/origin.ts'
import { buildAck } from '#adapters/hospital/build-ack.ts'
import type { SectorRoute } from './sector-routes.ts'

export interface SectorAnswer {
  readonly status: number
  readonly contentType: string
  readonly body: string
}

const JSON_TYPE = 'application/json; charset=utf-8'
const HL7_TYPE = 'x-application/hl7-v2+er7; charset=utf-8'

export async function receive(
  route: SectorRoute,
  intake: IntakeOptions,
  body: Uint8Array,
  origin: Origin,
): Promise<SectorAnswer> {
  const message = route.parse(body)
  const { receipt, duplicate } = await acceptMessage(intake, message, body, origin)
  // The same message again gets the same receipt; 200 instead of 201 says that nothing new was stored.
  const status = duplicate ? 200 : 201
  return route.receipt === 'json'
    ? { status, contentType: JSON_TYPE, body: JSON.stringify(receipt) }
    : { status, contentType: HL7_TYPE, body: acknowledge(intake, body, 'AA') }
}

/** The refusal in the sender's own form; undefined where an OperationOutcome is. */
export function refusal(
  route: SectorRoute,
  intake: IntakeOptions,
  body: Uint8Array,
  error: GatewayError,
): SectorAnswer | undefined {
  if (route.receipt === 'json') return undefined
  // AR: send it again later, AE: correct it first (HL7 v2, table 0008).
  return {
    status: error.status,
    contentType: HL7_TYPE,
    body: acknowledge(intake, body, error.status >= 500 ? 'AR' : 'AE', error),
  }
}

function acknowledge(
  { now }: IntakeOptions,
  body: Uint8Array,
  code: 'AA' | 'AE' | 'AR',
  error?: GatewayError,
): string {
  return buildAck(body, code, error?.faults[0], now())
}
