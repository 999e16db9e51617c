/** One measured figure, with the same machine's limit beside it where there is one. */
export interface Figure {
  readonly figure: string
  readonly value: number
  readonly unit: string
  readonly backend: 'postgres' | 'redis' | 'none'
  /** What the bare part of the same machine reached, in the same unit; null where nothing comparable exists. */
  readonly limit: number | null
}

export function printTable(figures: readonly Figure[]): void {
  const rows = figures.map(({ figure, backend, value, unit, limit }) => [
    figure,
    backend,
    format(value),
    unit,
    limit === null ? '' : format(limit),
    limit === null ? '' : `${(value / limit).toFixed(2)}×`,
  ])
  const table = [['figure', 'backend', 'value', 'unit', 'limit', 'ratio'], ...rows]
  const widths = table[0]?.map((_, i) => Math.max(...table.map((row) => row[i]?.length ?? 0))) ?? []
  for (const row of table)
    process.stdout.write(
      `${row
        .map((cell, i) => cell.padEnd(widths[i] ?? 0))
        .join('  ')
        .trimEnd()}\n`,
    )
}

function format(value: number): string {
  return value >= 100 ? Math.round(value).toString() : value.toFixed(value >= 10 ? 1 : 2)
}

/** The value below which the share lies; 0 for nothing. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0
}
