/** A law that the requester names as its basis: `Sluse-Legal-Basis: SUL-41-2-1; reason=current-treatment`. */
import type { LegalBasisClaim } from '#consent/access-request.ts'
import { GatewayError } from '#fhir/gateway-error.ts'
import type { LawBook } from '#law/law-book.ts'
import { isUuid } from './is-uuid.ts'

export const LEGAL_BASIS_HEADER = 'Sluse-Legal-Basis'

/** A reason is a code, since it stands in the log; a document is named by its reference. */
const HEADER =
  /^([A-Za-z0-9-]{2,32})(?:; *reason=([a-z][a-z-]{1,63}))?(?:; *document=([A-Z][A-Za-z]{1,63}\/[A-Za-z0-9.-]{1,64}))?$/

/** What `decide()` is told. Whether it permits anything is for the law of the record's custodian to say. */
export function legalBasisNamed(
  header: string | undefined,
  law: LawBook,
): { readonly legalBasis?: LegalBasisClaim } {
  if (header === undefined) return {}
  const [, code, reason, document] = HEADER.exec(header.trim()) ?? []
  if (code === undefined)
    throw refused(
      'send it as `CODE; reason=a-code; document=Type/id`, the last two where the law asks for them',
    )
  if (document !== undefined && mayHoldNationalId(document))
    throw refused(
      'the id of `document` has six digits in a row, which may be a national id and would stand in the log: name the document by another id',
    )
  if (!isSwitchedOn(law, code))
    throw refused(
      'this gateway has not switched that basis on; leave the header out, or ask whoever runs it: SLUSE_STATUTORY_BASES',
    )
  return {
    legalBasis: {
      code,
      ...(reason !== undefined && { reason }),
      ...(document !== undefined && { document }),
    },
  }
}

/** However it is written; a uuid may have so many digits by chance. */
function mayHoldNationalId(document: string): boolean {
  return !isUuid(document.split('/')[1]) && /\d{6}/.test(document.replaceAll(/[.-]/g, ''))
}

function isSwitchedOn({ laws }: LawBook, code: string): boolean {
  return Object.values(laws).some(({ rules }) =>
    rules.some(({ effects }) =>
      effects.some((effect) => effect.kind === 'statutory' && effect.code === code),
    ),
  )
}

function refused(text: string): GatewayError {
  return new GatewayError({ code: 'parameter-invalid', expression: `http:${LEGAL_BASIS_HEADER}`, text })
}
