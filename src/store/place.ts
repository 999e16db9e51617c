/** Where a row stands in a list that is read in stretches, each after the last row of the one before. */
export interface Place {
  /** What the list is ordered by, as PostgreSQL writes it: a Date would lose the last three digits of its microseconds. */
  readonly key: string
  /** Of the row itself, where several have one key. */
  readonly id: string
}

export type Listed<Row> = Row & { readonly place: Place }

export interface Stretch {
  readonly after?: Place | undefined
  readonly limit: number
}
