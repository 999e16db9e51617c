/** Places in a JSON value, for tests that change a valid resource at any depth. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json }
export type Path = readonly (string | number)[]

export function isObject(value: Json): value is { readonly [name: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Every place in the value that the predicate accepts. */
export function placesIn(value: Json, isWanted: (value: Json) => boolean, path: Path = []): Path[] {
  const own = isWanted(value) ? [path] : []
  return [...own, ...childrenOf(value).flatMap(([key, child]) => placesIn(child, isWanted, [...path, key]))]
}

/** A copy with the value at the path replaced; `undefined` removes it. */
export function replaceAt(
  value: Json,
  path: Path,
  replace: (old: Json) => Json | undefined,
): Json | undefined {
  const [key, ...rest] = path
  if (key === undefined) return replace(value)
  const changed = childrenOf(value).flatMap(([name, child]): [string | number, Json][] => {
    const next = name === key ? replaceAt(child, rest, replace) : child
    return next === undefined ? [] : [[name, next]]
  })
  return Array.isArray(value) ? changed.map(([, child]) => child) : Object.fromEntries(changed)
}

export function at(value: Json | undefined, key: string | number): Json | undefined {
  return value === undefined ? undefined : childrenOf(value).find(([name]) => name === key)?.[1]
}

export function kindOf(value: Json | undefined): string {
  return Array.isArray(value) ? 'list' : typeof value
}

function childrenOf(value: Json): [string | number, Json][] {
  if (typeof value !== 'object' || value === null) return []
  return Array.isArray(value) ? [...value.entries()] : Object.entries(value)
}
