/** The codes of the value sets that R4 binds as `required`. https://hl7.org/fhir/R4/terminologies.html#strength */
export interface RequiredCodes {
  /** Value set -> code system -> codes. */
  readonly valueSets: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>
  /** Value sets without a finite list, and why their codes are not checked. */
  readonly unchecked: Readonly<Record<string, string>>
}

/** One expanded value set, ready for look-ups. */
export interface CodeList {
  readonly url: string
  readonly systems: ReadonlyMap<string, ReadonlySet<string>>
}

/** More codes than this do not help the reader of an error. */
const MAX_LISTED = 16

/** The code lists by value set; a required value set that is neither expanded nor listed as unchecked ends the start. */
export function indexRequiredCodes(codes: RequiredCodes): (valueSet: string) => CodeList | undefined {
  const lists = new Map(
    Object.entries(codes.valueSets).map(([url, systems]): [string, CodeList] => [
      url,
      { url, systems: new Map(Object.entries(systems).map(([system, list]) => [system, new Set(list)])) },
    ]),
  )
  const unchecked = new Set(Object.keys(codes.unchecked))
  return (valueSet) => {
    const url = valueSet.replace(/\|.*$/, '')
    const list = lists.get(url)
    if (list === undefined && !unchecked.has(url))
      throw new Error(`value set ${url} is not in required-codes.json`)
    return list
  }
}

/** A plain `code` has no system of its own: the binding gives it. https://hl7.org/fhir/R4/datatypes.html#code */
export function hasCode(list: CodeList, code: unknown): boolean {
  return typeof code === 'string' && list.systems.values().some((codes) => codes.has(code))
}

export function hasCoding(list: CodeList, system: unknown, code: unknown): boolean {
  return (
    typeof system === 'string' && typeof code === 'string' && list.systems.get(system)?.has(code) === true
  )
}

/** What the sender may choose from, when that is short enough to read. */
export function listCodes(list: CodeList): string {
  const codes = list.systems
    .values()
    .flatMap((set) => set.values())
    .toArray()
  return codes.length > MAX_LISTED
    ? `a code of ${list.url}`
    : `one of ${codes.map((code) => `\`${code}\``).join(', ')}`
}
