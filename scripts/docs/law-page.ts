import { readLawFiles } from '#assets/law.ts'
import { parseLawFiles } from '#law/law-files.ts'
import type { Among, ConsentEffect, LawEffect, LawFile, LawRule, StatutoryEffect } from '#law/law-rule.ts'
import type { Register, UnitType } from '#law/unit-types.ts'
import { generatedFrom, table } from './markdown.ts'

const COUNTRY = { DK: 'Denmark', NO: 'Norway', EU: 'The union' } as const

export function lawPage(root: URL): string {
  const { laws, unitTypes } = parseLawFiles(readLawFiles(root))
  const rules = laws.flatMap((law) => law.rules)
  return `${generatedFrom('mappings/law')}

# Law

What national law asks of a disclosure stands as data in \`mappings/law\`, with the clause it comes from and the days on which it applies. It is
read once at the start, and a file that is malformed ends the start. A decision uses the rules in force on its own day, on the custodian's
calendar. None of this is legal advice: counsel confirms every rule before production.

The custodian's country decides whose law it is; the type of the receiving unit decides which of its rules. A unit whose type is unknown,
or which no rule of that country lets receive, gets nothing, and neither a consent nor an override changes that.

A rule that is off changes nothing. A date is the commencement of the act; one that is marked “ours” is not: the source gives none, and Sluse
applies the rule from then on.

${laws.map(section).join('\n\n')}

## Statutory bases

A disclosure without consent needs a deployment that has switched one of these bases on in \`SLUSE_STATUTORY_BASES\`, a request that claims it with
what it demands (one that demands nothing needs no claim), and a patient who has not objected: a block or an objection comes first, whatever
the basis.

${table(['Basis', 'Rule', 'From', 'To', 'Demands', 'Duties'], rules.flatMap(basisRows))}

## Types of units

An organisation of the registry has a type, or is unknown. An Organization resource shows its type by a code of
\`https://sluse.example/fhir/CodeSystem/unit-type\`; without one, by the foreign codes and the registers below, as far as they agree.

${table(['Type', 'What it is', 'In Denmark', 'In Norway', 'Source', 'Note'], unitTypes.unitTypes.map(typeRow))}

${table(
  ['Code system', 'Code', 'Type'],
  unitTypes.codings.map(({ system, code, unitType }) => [
    `\`${system}\``,
    `\`${code}\``,
    unitType ? `\`${unitType}\`` : 'unknown: units under different laws carry it',
  ]),
)}

${table(['Register', 'Identifier systems', 'Country', 'Type'], unitTypes.registers.map(registerRow))}
`
}

function section({ jurisdiction, rules }: LawFile): string {
  const rows = rules.map((rule) => [
    rule.id,
    rule.title,
    rule.source,
    dates(rule),
    rule.status,
    inSluse(rule),
  ])
  return `## ${COUNTRY[jurisdiction]}

${table(['Rule', 'What it says', 'Clause', 'In force', 'Status', 'In Sluse'], rows)}`
}

function dates({ validFrom, validTo, validFromIs }: LawRule): string {
  const from = `from ${validFrom}${validFromIs === 'ours' ? ' (ours)' : ''}`
  return validTo === undefined ? from : `${from} to ${validTo}`
}

function inSluse({ why, effects = [], honouredBy, note }: LawRule): string {
  return [why, ...new Set(effects.map(inWords)), honouredBy, note]
    .flatMap((text) => (text === undefined ? [] : text.replace(/\.$/, '')))
    .join('; ')
}

function inWords(effect: LawEffect): string {
  switch (effect.kind) {
    case 'consent':
      return consentInWords(effect)
    case 'statutory':
      return `basis \`${effect.code}\``
    case 'age':
      return `age of consent ${effect.years}`
    case 'override':
      return `grounds of an override: ${codes(effect.grounds)}`
    case 'capture':
      return `a consent is taken in only if it names ${effect.mustName.join(', ')}`
  }
}

function consentInWords({
  to,
  from,
  pull,
  basis,
  form,
  lapsesAfterYears,
  prior,
  mustName,
}: ConsentEffect): string {
  const terms = [
    basis && `basis \`${basis}\``,
    form && (form === 'written' ? 'in writing' : 'in any form'),
    lapsesAfterYears && `statutory life in years: ${lapsesAfterYears}`,
    prior && 'given before it is asked for',
    mustName && `names ${mustName.join(', ')}`,
  ]
  const way = `${from ? `from ${from} ` : ''}to ${to}${pull ? ', when fetched' : ''}`
  return `consent ${way}: ${terms.filter(Boolean).join(', ')}`
}

function basisRows({ id, effects = [] }: LawRule): readonly (readonly string[])[] {
  return effects
    .filter((effect) => effect.kind === 'statutory')
    .map((effect) => [
      `\`${effect.code}\``,
      id,
      among(effect.from),
      among(effect.to),
      effect.demands.join(', ') || '–',
      duties(effect),
    ])
}

function among({ field, unitTypes = [] }: Among): string {
  return field ?? codes(unitTypes)
}

function duties({ eventOnly, informPatient }: StatutoryEffect): string {
  const found = [eventOnly && 'the event alone, no diagnosis', informPatient && 'the patient is told']
  return found.filter(Boolean).join(', ') || '–'
}

function codes(values: readonly string[]): string {
  return values.map((value) => `\`${value}\``).join(', ')
}

function typeRow({ code, display, field, source = '–', note = '–' }: UnitType): readonly string[] {
  return [`\`${code}\``, display.en, field.DK ?? '–', field.NO ?? '–', source, note]
}

function registerRow({ name, systems, startsWith, jurisdiction, unitType }: Register): readonly string[] {
  const numbers = startsWith === undefined ? '' : `, numbers that begin with ${startsWith}`
  return [
    name,
    `${codes(systems)}${numbers}`,
    jurisdiction,
    unitType ? (unitType ? `\`${unitType}\`` : 'unknown: units under different laws carry it') : '–',
  ]
}
