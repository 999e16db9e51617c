import type { Call } from './call.ts'

/**
 * https://hl7.org/fhir/R4/search.html#errors: only a client that asks for it gets unknown parameters ignored. An unknown
 * modifier is refused all the same (#modifiers): ignored, it would answer the opposite of `:not`.
 */
export function isLenient({ header }: Pick<Call, 'header'>): boolean {
  return /(^|[,;\s])handling=lenient($|[,;\s])/.test(header('prefer') ?? '')
}
