/** Where a provision is read, and what is known of the consent around it. */
import type { Faults } from './element-reader.ts'
import type { Contained } from './party-name.ts'

export interface ReadingPlace {
  /** `Consent.provision.provision[0]` */
  readonly expression: string
  readonly faults: Faults
  readonly contained: Contained
  /** Given elsewhere: then what the consent calls access or correction is sharing. */
  readonly imported: boolean
  /** A block of national law: it says itself how far it reaches. */
  readonly block: boolean
}
