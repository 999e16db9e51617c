const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/

/** Ids of ours, and those that clients make: lower case, so that one id has one spelling. */
export function isUuid(value: string | undefined): value is string {
  return value !== undefined && UUID.test(value)
}
