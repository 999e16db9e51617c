/** What the OpenAPI description says of each FHIR interaction; a test holds it to the table of interactions. */

export interface DescribedInteraction {
  /** `{type}` stands for the resource type. */
  readonly summary: string
  readonly description?: string
  readonly specification: string
  /** By status. */
  readonly success: Readonly<Record<string, string>>
  /** The type of the body sent; absent: the route's own. */
  readonly request?: string
  readonly mediaType?: string
  /** The type of the body answered; absent: the route's own. */
  readonly answers?: string
  readonly query?: readonly string[]
  readonly headers?: readonly string[]
}

const REST = 'https://hl7.org/fhir/R4/http.html'
const HERE = 'https://hl7.org/fhir/R4/operations.html'
const READING = ['Sluse-Legal-Basis', 'Sluse-Override'] as const
const STORED = { 200: 'Stored as the next version.', 201: 'Stored as new.' } as const

const interactions: Readonly<Record<string, DescribedInteraction>> = {
  read: {
    summary: 'Read a {type}',
    description: 'What you may not see is answered as absent.',
    specification: `${REST}#read`,
    success: { 200: 'What of it may be seen now.' },
    headers: READING,
  },
  vread: {
    summary: 'Read one version of a {type}',
    specification: `${REST}#vread`,
    success: { 200: 'What of that version may be seen now.' },
    headers: READING,
  },
  'history-instance': {
    summary: 'Versions of a {type}',
    description: 'Each version is decided about by itself; one that you may not see is not there.',
    specification: `${REST}#history`,
    success: { 200: 'The versions that may be seen now, newest first.' },
    answers: 'Bundle',
    query: ['_count', '_since'],
    headers: READING,
  },
  'search-type': {
    summary: 'Search for {type}',
    description: 'Name one citizen, or ids. There is no total, since it would count what you may not see.',
    specification: `${REST}#search`,
    success: { 200: 'A page of what was found and may be seen now.' },
    answers: 'Bundle',
    headers: ['Prefer', ...READING],
  },
  create: {
    summary: 'Create a {type}',
    specification: `${REST}#create`,
    success: { 201: 'Stored. `Location` and `ETag` say under which id and version.' },
    answers: 'OperationOutcome',
  },
  update: {
    summary: 'Create or replace a {type}',
    description: 'The id is a UUID that your system makes, so that a retry is harmless.',
    specification: `${REST}#update`,
    success: STORED,
    answers: 'OperationOutcome',
    headers: ['If-Match'],
  },
  patch: {
    summary: 'Change parts of a {type}',
    specification: `${REST}#patch`,
    success: { 200: 'Stored as the next version.' },
    request: 'JsonPatch',
    mediaType: 'application/json-patch+json',
    answers: 'OperationOutcome',
    headers: ['If-Match', 'Idempotency-Key', 'Prefer'],
  },
  delete: {
    summary: 'Delete a {type}',
    specification: `${REST}#delete`,
    success: { 204: 'It is gone, or was before.' },
  },
  batch: {
    summary: 'Several requests at once',
    description: 'A `batch` answers each by itself; a `transaction` stores all or nothing.',
    specification: `${REST}#transaction`,
    success: { 200: 'One answer for each request, in their order.' },
    request: 'Bundle',
    answers: 'Bundle',
    headers: ['Idempotency-Key', 'Prefer'],
  },
  $validate: {
    summary: 'Check a {type} without storing it',
    specification: 'https://hl7.org/fhir/R4/resource-operation-validate.html',
    success: { 200: 'Every fault and warning that a write would answer.' },
    answers: 'OperationOutcome',
  },
  $everything: {
    summary: 'All that may be seen around a {type}',
    specification: 'https://hl7.org/fhir/R4/patient-operation-everything.html',
    success: { 200: 'A page of it.' },
    answers: 'Bundle',
    query: ['_count', '_since', '_type'],
    headers: READING,
  },
  $status: {
    summary: 'Status of subscriptions',
    specification:
      'https://hl7.org/fhir/uv/subscriptions-backport/STU1.1/OperationDefinition-backport-subscription-status.html',
    success: { 200: 'One Parameters for each.' },
    answers: 'Bundle',
  },
  $decide: {
    summary: 'Ask what would be decided, and why',
    specification: HERE,
    success: { 200: 'The decision; nothing was disclosed.' },
    request: 'Parameters',
    answers: 'Parameters',
  },
  $override: {
    summary: 'Break the glass',
    specification: HERE,
    success: { 201: 'The grant, for the header `Sluse-Override`.' },
    request: 'Parameters',
    answers: 'Parameters',
  },
  $withdraw: {
    summary: 'Withdraw a consent, wholly or in part',
    specification: HERE,
    success: { 200: 'What was stopped, and what had been sent.' },
    request: 'Parameters',
    answers: 'Parameters',
  },
  $reason: {
    summary: 'The reason that a person gave for breaking the glass',
    specification: HERE,
    success: { 200: 'For the review alone.' },
    answers: 'Parameters',
  },
}

/** @throws when an interaction of the table has no description yet. */
export function describedInteraction(interaction: string): DescribedInteraction {
  const described = interactions[interaction]
  if (!described) throw new Error(`describe the interaction \`${interaction}\` in openapi-interactions.ts`)
  return described
}
