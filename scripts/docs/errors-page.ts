import { ERROR_SYSTEM, type ErrorCode, errors } from '#fhir/gateway-error.ts'
import { errorMeanings } from './error-meanings.ts'
import { generatedFrom, table } from './markdown.ts'

export function errorsPage(): string {
  const codes = Object.keys(errors).filter(isCode)
  return `${generatedFrom('src/fhir/gateway-error.ts and scripts/docs/error-meanings.ts')}

# Errors

Every refusal is an OperationOutcome with one issue for each fault, never HTML and never a stack trace:

\`\`\`json
{
  "resourceType": "OperationOutcome",
  "issue": [
    {
      "severity": "error",
      "code": "required",
      "details": { "coding": [{ "system": "${ERROR_SYSTEM}", "code": "field-missing" }] },
      "diagnostics": "the plan has no status; send one of draft, active, completed",
      "expression": ["CarePlan.status"]
    }
  ]
}
\`\`\`

Branch on \`details.coding.code\`: it is stable. \`diagnostics\` is for people and may change; it says what was found and what to do next,
and never repeats patient data. \`expression\` is the field to blame: a FHIRPath, an HL7 v2 field (\`PV1-19\`), a JSON pointer, a query
parameter or a header. Answers to HL7 v2 messages carry the same code and field in an ACK instead ([hl7v2](api/hospital-hl7v2.md)). The token
endpoint answers in OAuth's own form ([token](api/token.md)).

A denied disclosure is not an error. What a consent does not permit is answered as if it were absent: \`not-found\` for a read, left out
of a search.

${table(['Code', 'HTTP', 'FHIR issue', 'What it means', 'What to do'], codes.map(errorRow))}
`
}

function errorRow(code: ErrorCode): readonly string[] {
  const { status, issue } = errors[code]
  const { means, todo } = errorMeanings[code]
  return [`\`${code}\``, String(status), `\`${issue}\``, means, todo]
}

function isCode(code: string): code is ErrorCode {
  return Object.hasOwn(errors, code)
}
