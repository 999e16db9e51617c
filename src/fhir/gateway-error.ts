import type { OperationOutcome, OperationOutcomeIssue } from '@medplum/fhirtypes'

/**
 * Every way in which Sluse refuses, in one table: HTTP status and FHIR issue type
 * (https://hl7.org/fhir/R4/valueset-issue-type.html). `docs/errors.md` is generated from it.
 * A code is stable: clients branch on it.
 */
export const errors = {
  'request-malformed': { status: 400, issue: 'structure' },
  'request-timeout': { status: 408, issue: 'timeout' },
  'url-too-long': { status: 414, issue: 'too-long' },
  'headers-too-large': { status: 431, issue: 'too-long' },
  'expectation-unsupported': { status: 417, issue: 'not-supported' },
  'not-acceptable': { status: 406, issue: 'not-supported' },
  'rate-limited': { status: 429, issue: 'throttled' },
  'body-empty': { status: 400, issue: 'required' },
  'body-malformed': { status: 400, issue: 'structure' },
  'body-too-large': { status: 413, issue: 'too-long' },
  'media-type-unsupported': { status: 415, issue: 'not-supported' },
  'patch-malformed': { status: 400, issue: 'structure' },
  'parameter-invalid': { status: 400, issue: 'value' },
  'parameter-unknown': { status: 400, issue: 'not-supported' },
  'search-too-wide': { status: 400, issue: 'too-costly' },
  'token-missing': { status: 401, issue: 'login' },
  'token-invalid': { status: 401, issue: 'login' },
  'proof-invalid': { status: 401, issue: 'login' },
  'scope-insufficient': { status: 403, issue: 'forbidden' },
  'sector-mismatch': { status: 403, issue: 'forbidden' },
  'override-refused': { status: 403, issue: 'forbidden' },
  'not-found': { status: 404, issue: 'not-found' },
  'method-not-allowed': { status: 405, issue: 'not-supported' },
  'directory-entry-in-use': { status: 409, issue: 'conflict' },
  'patient-held-already': { status: 409, issue: 'duplicate' },
  'idempotency-key-in-use': { status: 409, issue: 'conflict' },
  'message-id-reused': { status: 409, issue: 'duplicate' },
  'resource-deleted': { status: 410, issue: 'deleted' },
  'multiple-matches': { status: 412, issue: 'multiple-matches' },
  'reference-unresolved': { status: 412, issue: 'not-found' },
  'version-conflict': { status: 412, issue: 'conflict' },
  'code-unknown': { status: 422, issue: 'code-invalid' },
  'event-unsupported': { status: 422, issue: 'not-supported' },
  'exception-missing': { status: 422, issue: 'business-rule' },
  'idempotency-key-reused': { status: 422, issue: 'duplicate' },
  'field-invalid': { status: 422, issue: 'value' },
  'field-missing': { status: 422, issue: 'required' },
  'patient-id-not-exchangeable': { status: 422, issue: 'business-rule' },
  'patient-id-unknown-scheme': { status: 422, issue: 'value' },
  'patch-failed': { status: 422, issue: 'processing' },
  'performer-not-entitled': { status: 422, issue: 'business-rule' },
  'profile-violation': { status: 422, issue: 'invariant' },
  'subscription-unsupported': { status: 422, issue: 'not-supported' },
  internal: { status: 500, issue: 'exception' },
  'store-unavailable': { status: 503, issue: 'transient' },
} as const satisfies Record<string, { status: number; issue: OperationOutcomeIssue['code'] }>

export type ErrorCode = keyof typeof errors

/** One fault: `expression` is the FHIRPath, HL7 v2 field (`PV1-19`) or JSON pointer of the field to blame. */
export interface Fault {
  readonly code: ErrorCode
  /** What was found and what to do next. Never patient data: describe a value with `describe()`. */
  readonly text: string
  readonly expression?: string
}

/** A fault that ends the request. A deny of consent is never one: that is a `Decision`. */
export class GatewayError extends Error {
  override readonly name = 'GatewayError'
  readonly faults: readonly [Fault, ...Fault[]]

  constructor(fault: Fault | readonly [Fault, ...Fault[]], options?: { cause?: unknown }) {
    const faults: readonly [Fault, ...Fault[]] = 'code' in fault ? [fault] : fault
    super(`${faults[0].code}: ${faults[0].text}`, options)
    this.faults = faults
  }

  get code(): ErrorCode {
    return this.faults[0].code
  }

  get status(): number {
    return errors[this.code].status
  }
}

/** The system of the codes in `OperationOutcome.issue.details.coding`. */
export const ERROR_SYSTEM = 'https://sluse.example/fhir/CodeSystem/gateway-error'

/** https://hl7.org/fhir/R4/operationoutcome.html: the stable code in `details`, the field in `expression`. */
export function toOperationOutcome(error: GatewayError): OperationOutcome {
  return {
    resourceType: 'OperationOutcome',
    issue: error.faults.map((fault) => ({
      severity: 'error' as const,
      code: errors[fault.code].issue,
      details: { coding: [{ system: ERROR_SYSTEM, code: fault.code }] },
      diagnostics: fault.text,
      ...(fault.expression ? { expression: [fault.expression] } : {}),
    })),
  }
}

/** Names a value that a client sent by its type and size, so that no error repeats patient data. */
export function describe(value: unknown): string {
  if (value === undefined) return 'nothing'
  if (value === null) return 'null'
  if (typeof value === 'string')
    return value === '' ? 'an empty string' : `a string of ${value.length} characters`
  if (Array.isArray(value)) return `a list of ${value.length}`
  return `a value of type ${typeof value}`
}

/** For fields that hold a code and nothing else: a short code is quoted, since the reader needs it to find the fault. */
export function describeCode(value: unknown): string {
  return typeof value === 'string' && /^[A-Za-z][A-Za-z0-9^_.-]{0,31}$/.test(value) && !/\d{5}/.test(value)
    ? `\`${value}\``
    : describe(value)
}
