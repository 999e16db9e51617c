import type { OperationOutcome } from '@medplum/fhirtypes'
import type { AcceptedWrite } from '#intake/store-write.ts'
import type { Exchange } from './call.ts'

export interface AcceptedAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly nonClinical: OperationOutcome
}

/**
 * 201 or 200 with Location and ETag. The body says what was stored and nothing of what it leads to: who subscribes is not
 * the sender's to know. https://hl7.org/fhir/R4/http.html#ops (return=OperationOutcome)
 */
export function acceptedAnswer(exchange: Exchange, write: AcceptedWrite): AcceptedAnswer {
  return {
    status: write.done === 'created' ? 201 : 200,
    headers: acceptedHeaders(exchange, write),
    nonClinical: {
      resourceType: 'OperationOutcome',
      issue: [
        {
          severity: 'information',
          code: 'informational',
          diagnostics: `${write.done} ${write.reference}, version ${write.versionId}; ${whatFollows(write)}`,
        },
        ...write.notices.map(({ severity, text, expression }) => ({
          severity,
          code: severity === 'warning' ? ('business-rule' as const) : ('informational' as const),
          diagnostics: text,
          ...(expression === undefined ? {} : { expression: [expression] }),
        })),
      ],
    },
  }
}

export function acceptedHeaders(
  { fhirBase }: Exchange,
  { reference, versionId, recorded }: AcceptedWrite,
): Readonly<Record<string, string>> {
  return {
    Location: `${fhirBase}/${reference}/_history/${versionId}`,
    ETag: `W/"${versionId}"`,
    'Last-Modified': recorded.toUTCString(),
  }
}

function whatFollows({ reference, done }: AcceptedWrite): string {
  if (done === 'found') return 'it fits the condition, so nothing was stored'
  return reference.startsWith('Consent/')
    ? 'every decision from now on reads it'
    : 'each recipient gets it when a consent permits it at the moment of sending'
}
