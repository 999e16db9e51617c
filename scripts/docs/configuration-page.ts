import { type Setting, settings } from '#config/settings.ts'
import { generatedFrom, table } from './markdown.ts'

export function configurationPage(): string {
  return `${generatedFrom('src/config/settings.ts')}

# Configuration

All of it is environment variables, read once at the start by \`src/config/config.ts\`. A variable that is set but empty counts as not set.
An unknown \`SLUSE_*\` name, a value that cannot be read or a missing one ends the start with exit code 2 and one line for each fault.

${table(['Variable', 'What it is', 'Default', 'Allowed'], settings.map(settingRow))}

Variables marked 🔒 hold a password or may hold one: they are never shown, and have no default.

Without \`DATABASE_URL\` Sluse runs on its embedded database and with the sandbox, and needs none of these. With it, in production, these must
be given: \`SLUSE_BASE_URL\` and \`SLUSE_KEYS_FILE\`. [Running it](operations/running.md) shows a whole deployment.
`
}

function settingRow(setting: Setting): readonly string[] {
  const name = `\`${setting.name}\`${setting.secret ? ' 🔒' : ''}`
  return [name, setting.purpose, defaultOf(setting), allowed(setting.schema)]
}

/** Some defaults are a value, others a sentence with its own marks. */
function defaultOf(setting: Setting): string {
  const text = setting.default ?? '–'
  return text.includes(' ') || text.includes('`') || text === '–' || text === 'none' ? text : `\`${text}\``
}

function allowed(schema: Readonly<Record<string, unknown>>): string {
  const { enum: values, type, minimum, maximum, pattern } = schema
  if (Array.isArray(values)) return values.map((value) => `\`${String(value)}\``).join(', ')
  if (type === 'integer') return `${String(minimum)} to ${String(maximum)}`
  return typeof pattern === 'string' ? `\`${pattern}\`` : 'text'
}
