/** What a client wants back from a write. https://hl7.org/fhir/R4/http.html#ops, https://www.rfc-editor.org/rfc/rfc7240 */
import { allowsAll } from '#auth/scopes.ts'
import type { Call } from './call.ts'

export type Return = 'minimal' | 'representation' | 'OperationOutcome'

const RETURN = /(?:^|[,;\s])return=(minimal|representation|OperationOutcome)(?:$|[,;\s])/

/**
 * The first one that is known; a server may ignore what it does not know. Undefined without any. A client that may not read
 * the type gets no representation: it might show what an earlier write stored.
 */
export function preferredReturn({ header, requester, resourceType }: Call): Return | undefined {
  const asked = RETURN.exec(header('prefer') ?? '')?.[1] as Return | undefined
  return asked === 'representation' && !allowsAll(requester.scopes, resourceType, 'r') ? undefined : asked
}
