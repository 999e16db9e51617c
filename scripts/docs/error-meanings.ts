import type { ErrorCode } from '#fhir/gateway-error.ts'

interface Meaning {
  readonly means: string
  readonly todo: string
}

/** In words, for those who build a client. A code without a row, or a row without a code, does not compile. */
export const errorMeanings: Readonly<Record<ErrorCode, Meaning>> = {
  'request-malformed': {
    means:
      'the request is no HTTP that can be read in one way: broken syntax or address, two lengths, a header twice that may stand once',
    todo: 'send it through an ordinary HTTP client; the same bytes will be refused again',
  },
  'request-timeout': {
    means: 'the request did not arrive whole in time; the connection was closed',
    todo: 'send it again over a better line, or in parts',
  },
  'url-too-long': {
    means: 'the address is longer than 8,192 characters',
    todo: 'send the parameters of a search in the body of `POST …/_search`',
  },
  'headers-too-large': {
    means: 'the headers are more than 100, or larger than 16 kB together',
    todo: 'leave out those that the gateway does not need, such as cookies',
  },
  'expectation-unsupported': {
    means: 'the header `Expect` asks for something else than `100-continue`',
    todo: 'leave it out',
  },
  'not-acceptable': {
    means: '`Accept` or `_format` asks for another format than JSON, or another version of FHIR than 4.0',
    todo: 'ask for `application/fhir+json`, or leave it out',
  },
  'rate-limited': {
    means:
      'more requests came from this client, or from its address before a token was read, than one may send; nothing was done',
    todo: 'send the same request again after the seconds in `Retry-After`, and fewer at a time',
  },
  'body-empty': { means: 'the request has no body', todo: 'send the message or resource in it' },
  'body-malformed': {
    means:
      'the body cannot be parsed: broken syntax, bytes that are not UTF-8, a key twice, nesting too deep',
    todo: 'correct the bytes; the same ones will be refused again',
  },
  'body-too-large': {
    means: 'the body is larger than 2 MB, or has more than 50,000 JSON values or 2,000 HL7 v2 segments',
    todo: 'send it in parts, or without attachments',
  },
  'media-type-unsupported': {
    means: 'the Content-Type is not read at this address, or the body is compressed',
    todo: 'send one of the types that the text names, not compressed',
  },
  'patch-malformed': {
    means:
      'the body is no JSON Patch: an operation, a pointer or a value is wrong, or there are more than 100',
    todo: 'correct the operation that `expression` points to (RFC 6902)',
  },
  'parameter-invalid': {
    means:
      'a query parameter, path id or header has a value that cannot be read, or a national id stands in a URL',
    todo: 'write it as the text shows; national ids go into the body of `POST …/_search`',
  },
  'parameter-unknown': {
    means: 'a query parameter is not known here',
    todo: 'leave it out, or send `Prefer: handling=lenient` to have unknown ones ignored in searches of clinical resources',
  },
  'search-too-wide': {
    means: 'a search names neither a citizen nor ids',
    todo: 'name one citizen or ids; to learn of changes for all citizens make a Subscription',
  },
  'token-missing': { means: 'there is no bearer token', todo: 'get one from the token endpoint and send it' },
  'token-invalid': {
    means: 'the token is damaged, expired, not from this gateway, or its client is not active',
    todo: 'get a new token; if that fails too, ask the operator',
  },
  'proof-invalid': {
    means:
      'the DPoP proof is missing, was used before, is for another request, or is not of the key that the token is bound to',
    todo: 'make a new proof for every request, with the key that the token was asked for with',
  },
  'scope-insufficient': {
    means: 'the token does not hold the scope that the text names',
    todo: 'ask the token endpoint for it, or the operator to register it for your client',
  },
  'sector-mismatch': {
    means: 'your client belongs to another sector than this address',
    todo: 'send to the address of your own sector',
  },
  'override-refused': {
    means:
      'the client or the person may not break the glass, or the grant that the request names is not in force for this client',
    todo: 'ask the operator to register client and person, or open a new grant; without the header the request is an ordinary one',
  },
  'not-found': {
    means:
      'there is nothing here that is available to you: absent, withheld, and held by another client are one answer',
    todo: 'check the id and the consent, or ask the custodian',
  },
  'method-not-allowed': {
    means: 'the address exists, the method is not served',
    todo: 'see the CapabilityStatement',
  },
  'idempotency-key-in-use': {
    means: 'a request with the same `Idempotency-Key` is being worked on',
    todo: 'send the same request again in a second: it gets the answer of the first',
  },
  'idempotency-key-reused': {
    means:
      'the `Idempotency-Key` was used in the last 24 hours for another method, address, precondition or body',
    todo: 'send it with a new key; a key belongs to one request and its repeats',
  },
  'directory-entry-in-use': {
    means: 'a Practitioner who still has a PractitionerRole cannot be deleted',
    todo: 'delete the roles first',
  },
  'patient-held-already': {
    means: 'your organisation sent demographics of this citizen before',
    todo: 'send these by PUT to the `Patient/<id>` that the text names',
  },
  'message-id-reused': {
    means: 'the message id was used before for other content; nothing was stored',
    todo: 'send it under a new id, and find out why the number came twice',
  },
  'resource-deleted': {
    means: 'your own organisation deleted this record; to everybody else it is `not-found`',
    todo: 'read its `_history`, or bring it back with a PUT under the same id',
  },
  'multiple-matches': {
    means: 'several of your own records of the citizen fit the condition of the write; nothing was stored',
    todo: 'ask for what only one of them has, such as its `identifier`, or write to its id',
  },
  'reference-unresolved': {
    means:
      'a reference in a transaction leads to no entry of it, and to none of your own records of the citizen; nothing was stored',
    todo: 'add what it refers to, or refer to what is stored by `Type/id`',
  },
  'version-conflict': {
    means: 'the version in `If-Match` is not the current one, or `If-None-Match: *` found one',
    todo: 'read the resource, merge your change, send it with the new ETag',
  },
  'code-unknown': {
    means: 'a code is not in the code system or value set that the field is bound to',
    todo: 'send a code that is; an unknown code is never guessed at',
  },
  'event-unsupported': {
    means: 'the message is of a kind that is not taken in',
    todo: 'send only the kinds that the text names',
  },
  'exception-missing': {
    means: 'a consent says that there are exceptions, and names none',
    todo: 'send the exceptions, or a consent that has none',
  },
  'field-invalid': {
    means: 'a field has a value that is not valid there',
    todo: 'correct the field that `expression` names',
  },
  'field-missing': { means: 'a required field is absent', todo: 'send the field that `expression` names' },
  'patient-id-not-exchangeable': {
    means: 'the citizen is named by an id that must not leave its system, such as a replacement number',
    todo: 'do not send this record; no other organisation could know whose it is',
  },
  'patient-id-unknown-scheme': {
    means: 'the citizen is named by an id of an unknown kind',
    todo: 'send a CPR number, a fødselsnummer or a D-number with its system',
  },
  'patch-failed': {
    means:
      'an operation of the patch does not fit the resource: nothing at its path, or a `test` that does not hold',
    todo: 'read the resource, and make the patch from what it is now',
  },
  'performer-not-entitled': {
    means: 'whoever gave the consent may not: too young, without authority, or without proof of it',
    todo: 'let the citizen consent, or a representative whose authority is in force and shown',
  },
  'profile-violation': {
    means: 'the resource breaks FHIR R4 or the profile of its type',
    todo: 'correct the element that `expression` names; the profiles are in `profiles/`',
  },
  'subscription-unsupported': {
    means: 'the Subscription asks for something that would not be done',
    todo: 'change what `expression` names; nothing was stored, so nothing is lost silently',
  },
  internal: {
    means: 'the gateway failed; nothing was stored',
    todo: 'report the `X-Request-Id` of the answer to the operator',
  },
  'store-unavailable': {
    means: 'the database does not answer; whether anything was stored is not known',
    todo: 'send the same message, or the same PUT, again after the seconds in `Retry-After`: it is stored once',
  },
}
