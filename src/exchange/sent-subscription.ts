import type { Extension, Subscription } from '@medplum/fhirtypes'
import { describeCode, type Fault } from '#fhir/gateway-error.ts'

/** A Subscription as a client sends it. R4 keeps the extensions of a primitive beside it. */
export type SentSubscription = Subscription & {
  readonly _criteria?: { readonly extension?: readonly Extension[] }
  readonly channel?: {
    readonly _payload?: { readonly extension?: readonly Extension[] }
    readonly _type?: { readonly extension?: readonly Extension[] }
  }
}

/** An element of it that Sluse does not do. */
export function unsupported(expression: string, text: string): Fault {
  return { code: 'subscription-unsupported', expression, text }
}

/** An extension's own name, never its value. */
export function extensionName(url: string | undefined): string {
  return describeCode(url?.split('/').at(-1))
}
