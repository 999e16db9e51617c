import type { AcceptedWrite } from '#intake/store-write.ts'
import type { Answer } from './answer.ts'
import type { Exchange } from './call.ts'

/**
 * 201 or 200 with Location and ETag. The body says what was stored and nothing of what it leads to: who subscribes is not
 * the sender's to know. https://hl7.org/fhir/R4/http.html#ops (return=OperationOutcome)
 */
export function acceptedAnswer({ fhirBase }: Exchange, write: AcceptedWrite): Answer {
  return {
    status: write.done === 'created' ? 201 : 200,
    headers: {
      Location: `${fhirBase}/${write.reference}/_history/${write.versionId}`,
      ETag: `W/"${write.versionId}"`,
      'Last-Modified': write.recorded.toUTCString(),
    },
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

function whatFollows({ reference }: AcceptedWrite): string {
  return reference.startsWith('Consent/')
    ? 'every decision from now on reads it'
    : 'each recipient gets it when a consent permits it at the moment of sending'
}
