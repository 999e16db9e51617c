/** One row of a Markdown table: `|` and line ends in a cell would end it. */
export function row(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll('|', String.raw`\|`).replaceAll('\n', ' ')).join(' | ')} |`
}

export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [row(head), `|${'---|'.repeat(head.length)}`, ...rows.map(row)].join('\n')
}

export function generatedFrom(source: string): string {
  return `<!-- Made by scripts/docs.ts from ${source}. Edit that file, then run: node scripts/docs.ts -->`
}
