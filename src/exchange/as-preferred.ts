/** An answer to a write of what is no record of a citizen's care, in the form that the client prefers. https://hl7.org/fhir/R4/http.html#ops */
import type { OperationOutcome } from '@medplum/fhirtypes'
import type { Answer, NonClinical } from './answer.ts'
import type { Call } from './call.ts'
import type { Disclosure } from './disclose.ts'
import { preferredReturn } from './prefer.ts'

export interface Written {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly nonClinical: OperationOutcome
}

export async function asPreferred(
  call: Call,
  written: Written,
  show: () => Promise<{ readonly disclosure: Disclosure } | { readonly nonClinical: NonClinical }>,
): Promise<Answer> {
  const preferred = preferredReturn(call)
  if (preferred === undefined) return written
  const { status, headers, nonClinical } = written
  const applied = { status, headers: { ...headers, 'Preference-Applied': `return=${preferred}` } }
  switch (preferred) {
    case 'minimal':
      return { ...applied, empty: true }
    case 'OperationOutcome':
      return { ...applied, nonClinical }
    case 'representation':
      return { ...applied, ...(await show()) }
  }
}
