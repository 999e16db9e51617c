/** Resources of the case file, whatever holds them: a list, a Bundle, one resource, or, for the context, an object by reference. */
import { describeCode } from '#fhir/gateway-error.ts'
import { type Faults, isObject, type JsonObject, type Place } from './json-place.ts'

export interface PlacedResource {
  readonly resource: JsonObject
  readonly resourceType: string
  readonly path: string
  /** What else it is called: the `fullUrl` of its entry, or its key. */
  readonly alias?: string
}

export function readResources(place: Place, faults: Faults): readonly PlacedResource[] {
  const { value, path } = place
  if (Array.isArray(value))
    return value.flatMap((item: unknown, index) =>
      readItem({ value: item, path: `${path}[${index}]` }, faults),
    )
  if (isObject(value) && 'resourceType' in value) return readItem(place, faults)
  faults.wrong(place, 'a list of FHIR resources, or a Bundle')
  return []
}

/** A Bundle stands for its entries wherever it stands: each is decided on its own. */
function readItem(place: Place, faults: Faults): readonly PlacedResource[] {
  const { value, path } = place
  const isBundle = isObject(value) && value['resourceType'] === 'Bundle'
  return isBundle ? readEntries(value, path, faults) : readResource(place, faults)
}

/** Absent: nothing could be resolved, and what depends on it stays open. */
export function readContext(place: Place, faults: Faults): readonly PlacedResource[] {
  const { value, path } = place
  if (value === undefined) return []
  if (!isObject(value) || 'resourceType' in value) return readResources(place, faults)
  return Object.entries(value).flatMap(([key, item]) => {
    const at = { value: item, path: `${path}[${JSON.stringify(shown(key))}]` }
    if (Array.isArray(item)) return readResources(at, faults)
    return readResource(at, faults).map((placed) => ({ ...placed, alias: key }))
  })
}

/** A key may be the reference to a citizen by national id. */
function shown(key: string): string {
  return /\d{5}/.test(key) ? '…' : key
}

function readEntries(bundle: JsonObject, path: string, faults: Faults): readonly PlacedResource[] {
  const { entry = [] } = bundle
  if (!Array.isArray(entry)) {
    faults.wrong({ value: entry, path: `${path}.entry` }, 'a list of entries')
    return []
  }
  return entry.flatMap((item: unknown, index) => {
    const at = `${path}.entry[${index}]`
    if (!isObject(item)) {
      faults.wrong({ value: item, path: at }, 'an entry with its `resource`')
      return []
    }
    const placed = readResource({ value: item['resource'], path: `${at}.resource` }, faults)
    const { fullUrl } = item
    return typeof fullUrl === 'string' ? placed.map((one) => ({ ...one, alias: fullUrl })) : placed
  })
}

function readResource(place: Place, faults: Faults): readonly PlacedResource[] {
  const { value, path } = place
  if (!isObject(value)) {
    faults.wrong(place, 'a FHIR resource')
    return []
  }
  const { resourceType, id } = value
  if (typeof resourceType !== 'string' || !/^[A-Z][A-Za-z]+$/.test(resourceType)) {
    const text = `found ${describeCode(resourceType)}; send the type of an R4 resource`
    faults.add(`${path}.resourceType`, text, resourceType === undefined ? 'field-missing' : 'field-invalid')
    return []
  }
  if (id !== undefined && typeof id !== 'string') {
    faults.wrong({ value: id, path: `${path}.id` }, 'a string')
    return []
  }
  return [{ resource: value, resourceType, path }]
}
