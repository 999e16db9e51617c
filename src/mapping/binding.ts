import type { RecordPlace } from './record-schema.ts'

/** What a variable of a map stands for. */
export type Binding = SourceBinding | TargetBinding

export interface SourceBinding {
  readonly kind: 'source'
  /** Undefined when the record's schema is not known. */
  readonly place: RecordPlace | undefined
  /** Path in the record, without indices: `efforts.status`. */
  readonly path: string
}

export interface TargetBinding {
  readonly kind: 'target'
  readonly type: string | undefined
  /** Path in the resource, without indices: `CarePlan.activity.detail`. */
  readonly path: string
  /** How many lists are being stepped through where this object is made. */
  readonly depth: number
  /** The engine knows the type of no choice element, so it would take a list inside for a single value. */
  readonly isChoice: boolean
  /** Single elements that a rule has set. */
  readonly set: Set<string>
  /** Objects in single elements: made once, however many rules name them. */
  readonly parts: Map<string, TargetBinding>
}

/** Names in use at one place of a map. The engine has one set of names per group; rules nest theirs. */
export type Scope = ReadonlyMap<string, Binding>

export function targetBinding(
  type: string | undefined,
  path: string,
  { depth, isChoice = false }: { depth: number; isChoice?: boolean },
): TargetBinding {
  return { kind: 'target', type, path, depth, isChoice, set: new Set(), parts: new Map() }
}

/** A path of the record; the root has none. */
export function joined(path: string, element: string): string {
  return path === '' ? element : `${path}.${element}`
}

export function isObject(binding: SourceBinding): boolean {
  return binding.place?.schema.type === 'object'
}
