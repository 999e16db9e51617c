/** Codes of the gateway's own work items: no client's Task has one, so that none is taken for what the gateway asks. */
import type { Fault } from './gateway-error.ts'

export const WORK_ITEM = 'https://sluse.example/fhir/CodeSystem/work-item'

/** Of whatever somebody sends, valid or not, and of what it contains. */
export function forgedWorkItems(resource: unknown, path = 'Task'): Fault[] {
  const contained = listIn(resource, 'contained').flatMap((each, index) =>
    forgedWorkItems(each, `${path}.contained[${index}]`),
  )
  if (fieldOf(resource, 'resourceType') !== 'Task') return contained
  const codings = listIn(fieldOf(resource, 'code'), 'coding')
  if (!codings.some((coding) => fieldOf(coding, 'system') === WORK_ITEM)) return contained
  const text = 'codes of this system are of the work items that the gateway makes; send a code of another'
  return [{ code: 'field-invalid', expression: `${path}.code`, text }, ...contained]
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined
}

function listIn(value: unknown, name: string): readonly unknown[] {
  const list = fieldOf(value, name)
  return Array.isArray(list) ? list : []
}
