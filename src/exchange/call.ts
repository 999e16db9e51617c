import type { Requester } from '#auth/requester.ts'
import type { Announcer } from '#queue/announcer.ts'
import type { IntakeOptions } from '#intake/intake.ts'
import type { LawBook } from '#law/law-book.ts'
import type { Queryable } from '#store/database.ts'
import type { Organization } from '#store/organizations.ts'
import type { DiscloseOptions } from './disclose.ts'
import type { EndpointPolicy } from './endpoint-policy.ts'
import type { OverrideOptions } from './override-use.ts'

/** What every interaction works with. */
export interface Exchange extends DiscloseOptions, IntakeOptions, OverrideOptions {
  /** Absolute, without a final slash: `https://sluse.example/fhir`. */
  readonly fhirBase: string
  /** National rules, compiled at the start. */
  readonly law: LawBook
  readonly endpoints: EndpointPolicy
  /** The sender's own registration, at most a few seconds old. */
  readonly organizationOf: (db: Queryable, id: string) => Promise<Organization | undefined>
  readonly announcer: Announcer
  readonly newId: () => string
}

/** One authenticated request, its body still bytes. */
export interface Call {
  readonly requester: Requester
  readonly requestId: string
  readonly resourceType: string
  readonly id: string | undefined
  /** Of a version, where the address names one. */
  readonly versionId?: string | undefined
  /** Of a transaction, whose other entries refer to what is created. */
  readonly idToCreate?: string
  /** The batch or transaction that this is an entry of: its headers came in a body, and its answer goes into one. */
  readonly bundle?: Call
  /** Of the URL, or of the form body of `POST _search`. */
  readonly query: URLSearchParams
  /** Whether the query came in a URL, where no national id may stand. */
  readonly queryInUrl: boolean
  readonly header: (name: string) => string | undefined
  readonly body: Uint8Array
  /** Of a Bundle: counts its entries against the client's share. @throws GatewayError `rate-limited` */
  readonly charge?: (interactions: readonly (string | undefined)[]) => Promise<void>
}
