/** Requests as a test writes them, byte for byte, and what came back. */
import type { OperationOutcome } from '@medplum/fhirtypes'
import { ERROR_SYSTEM, type ErrorCode, errors } from '#fhir/gateway-error.ts'

export interface Sent {
  readonly method?: string
  readonly token?: string
  readonly type?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array<ArrayBuffer>
}

export interface Received {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  json(): unknown
}

export async function sendRaw(baseUrl: string, path: string, sent: Sent = {}): Promise<Received> {
  const response = await fetch(`${baseUrl}${path}`, {
    method: sent.method ?? 'GET',
    headers: {
      ...(sent.token ? { authorization: `Bearer ${sent.token}` } : {}),
      ...(sent.type ? { 'content-type': sent.type } : {}),
      ...sent.headers,
    },
    ...(sent.body === undefined ? {} : { body: sent.body }),
  })
  const text = await response.text()
  return { status: response.status, headers: response.headers, text, json: () => JSON.parse(text) as unknown }
}

/** Status, body and headers, but for what differs between any two answers. */
export function comparable({
  status,
  headers,
  text,
}: Pick<Received, 'status' | 'headers' | 'text'>): unknown {
  return {
    status,
    text,
    headers: [...headers].filter(([name]) => name !== 'x-request-id' && name !== 'date'),
  }
}

/** The whole body of a refusal with one fault. */
export function outcome(code: ErrorCode, text: string, expression?: string): OperationOutcome {
  return {
    resourceType: 'OperationOutcome',
    issue: [
      {
        severity: 'error',
        code: errors[code].issue,
        details: { coding: [{ system: ERROR_SYSTEM, code }] },
        diagnostics: text,
        ...(expression === undefined ? {} : { expression: [expression] }),
      },
    ],
  }
}

/** Codes and expressions alone, where the texts are another test's. */
export function faultsIn(body: unknown): readonly { readonly code: string; readonly expression?: string }[] {
  return (body as OperationOutcome).issue.map(({ details, expression }) => ({
    code: details?.coding?.[0]?.code ?? '',
    ...(expression?.[0] === undefined ? {} : { expression: expression[0] }),
  }))
}
