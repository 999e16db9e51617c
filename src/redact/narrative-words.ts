/** The words that a narrative puts around what stands in the resource: headings, states, and the two things to be told. */
import type { Language } from '#consent/reason.ts'

type Words = Readonly<Record<Language, string>>

// prettier-ignore
const types: Readonly<Record<string, Words>> = {
  CarePlan:  { da: 'Plan', nb: 'Plan', en: 'Plan' },
  Encounter: { da: 'Kontakt', nb: 'Kontakt', en: 'Encounter' },
  Condition: { da: 'Tilstand', nb: 'Tilstand', en: 'Condition' },
  Consent:   { da: 'Samtykke', nb: 'Samtykke', en: 'Consent' },
}

/** What is shown of a type, in this order. Identifiers and the citizen never are: a narrative is copied about. */
// prettier-ignore
const shown: Readonly<Record<string, readonly string[]>> = {
  CarePlan: ['title', 'status', 'category', 'description', 'period', 'addresses', 'goal', 'activity', 'supportingInfo', 'careTeam', 'author', 'contributor', 'note'],
  Encounter: ['status', 'class', 'type', 'serviceType', 'priority', 'period', 'reasonCode', 'reasonReference', 'diagnosis', 'participant', 'location', 'hospitalization', 'serviceProvider'],
  Condition: ['code', 'clinicalStatus', 'verificationStatus', 'category', 'severity', 'bodySite', 'onsetDateTime', 'onsetPeriod', 'onsetString', 'abatementDateTime', 'abatementPeriod', 'abatementString', 'recordedDate', 'stage', 'evidence', 'note'],
  Consent: ['status', 'category', 'dateTime', 'performer', 'organization'],
}

// prettier-ignore
const headings: Readonly<Record<string, Words>> = {
  abatementDateTime:  { da: 'Ophørt', nb: 'Opphørt', en: 'Ended' },
  abatementPeriod:    { da: 'Ophørt', nb: 'Opphørt', en: 'Ended' },
  abatementString:    { da: 'Ophørt', nb: 'Opphørt', en: 'Ended' },
  activity:           { da: 'Indsatser', nb: 'Tiltak', en: 'Activities' },
  addresses:          { da: 'Vedrører', nb: 'Gjelder', en: 'Addresses' },
  author:             { da: 'Skrevet af', nb: 'Skrevet av', en: 'Author' },
  bodySite:           { da: 'Sted på kroppen', nb: 'Sted på kroppen', en: 'Body site' },
  careTeam:           { da: 'Team', nb: 'Team', en: 'Care team' },
  category:           { da: 'Art', nb: 'Art', en: 'Category' },
  class:              { da: 'Form', nb: 'Form', en: 'Class' },
  clinicalStatus:     { da: 'Klinisk status', nb: 'Klinisk status', en: 'Clinical status' },
  code:               { da: 'Hvad', nb: 'Hva', en: 'What' },
  contributor:        { da: 'Bidrag fra', nb: 'Bidrag fra', en: 'Contributors' },
  dateTime:           { da: 'Dato', nb: 'Dato', en: 'Date' },
  description:        { da: 'Beskrivelse', nb: 'Beskrivelse', en: 'Description' },
  diagnosis:          { da: 'Diagnoser', nb: 'Diagnoser', en: 'Diagnoses' },
  evidence:           { da: 'Grundlag', nb: 'Grunnlag', en: 'Evidence' },
  goal:               { da: 'Mål', nb: 'Mål', en: 'Goals' },
  hospitalization:    { da: 'Indlæggelse', nb: 'Innleggelse', en: 'Hospitalisation' },
  location:           { da: 'Sted', nb: 'Sted', en: 'Location' },
  note:               { da: 'Noter', nb: 'Notater', en: 'Notes' },
  onsetDateTime:      { da: 'Begyndt', nb: 'Begynt', en: 'Onset' },
  onsetPeriod:        { da: 'Begyndt', nb: 'Begynt', en: 'Onset' },
  onsetString:        { da: 'Begyndt', nb: 'Begynt', en: 'Onset' },
  organization:       { da: 'Modtaget af', nb: 'Mottatt av', en: 'Received by' },
  participant:        { da: 'Deltagere', nb: 'Deltakere', en: 'Participants' },
  performer:          { da: 'Givet af', nb: 'Gitt av', en: 'Given by' },
  period:             { da: 'Periode', nb: 'Periode', en: 'Period' },
  priority:           { da: 'Hast', nb: 'Hast', en: 'Priority' },
  reasonCode:         { da: 'Årsag', nb: 'Årsak', en: 'Reason' },
  reasonReference:    { da: 'Årsag', nb: 'Årsak', en: 'Reason' },
  recordedDate:       { da: 'Registreret', nb: 'Registrert', en: 'Recorded' },
  serviceProvider:    { da: 'Hos', nb: 'Hos', en: 'Service provider' },
  serviceType:        { da: 'Ydelse', nb: 'Tjeneste', en: 'Service' },
  severity:           { da: 'Sværhedsgrad', nb: 'Alvorlighetsgrad', en: 'Severity' },
  stage:              { da: 'Stadie', nb: 'Stadium', en: 'Stage' },
  status:             { da: 'Status', nb: 'Status', en: 'Status' },
  supportingInfo:     { da: 'Bilag', nb: 'Vedlegg', en: 'Supporting information' },
  title:              { da: 'Titel', nb: 'Tittel', en: 'Title' },
  type:               { da: 'Type', nb: 'Type', en: 'Type' },
  verificationStatus: { da: 'Sikkerhed', nb: 'Sikkerhet', en: 'Verification' },
}

/** Codes of R4's status value sets; English shows the code, which is English. */
// prettier-ignore
const states: Readonly<Record<string, { readonly da: string; readonly nb: string }>> = {
  active:             { da: 'aktiv', nb: 'aktiv' },
  arrived:            { da: 'ankommet', nb: 'ankommet' },
  cancelled:          { da: 'aflyst', nb: 'avlyst' },
  completed:          { da: 'afsluttet', nb: 'fullført' },
  confirmed:          { da: 'bekræftet', nb: 'bekreftet' },
  differential:       { da: 'differentialdiagnose', nb: 'differensialdiagnose' },
  draft:              { da: 'udkast', nb: 'utkast' },
  'entered-in-error': { da: 'fejlregistreret', nb: 'feilregistrert' },
  finished:           { da: 'afsluttet', nb: 'avsluttet' },
  inactive:           { da: 'ikke aktiv', nb: 'ikke aktiv' },
  'in-progress':      { da: 'i gang', nb: 'pågår' },
  'not-started':      { da: 'ikke begyndt', nb: 'ikke begynt' },
  'on-hold':          { da: 'sat i bero', nb: 'på vent' },
  onleave:            { da: 'på orlov', nb: 'på permisjon' },
  planned:            { da: 'planlagt', nb: 'planlagt' },
  proposed:           { da: 'foreslået', nb: 'foreslått' },
  provisional:        { da: 'foreløbig', nb: 'foreløpig' },
  recurrence:         { da: 'tilbagevendt', nb: 'tilbakevendt' },
  refuted:            { da: 'afkræftet', nb: 'avkreftet' },
  rejected:           { da: 'afvist', nb: 'avvist' },
  relapse:            { da: 'tilbagefald', nb: 'tilbakefall' },
  remission:          { da: 'i bedring', nb: 'i bedring' },
  resolved:           { da: 'ophørt', nb: 'opphørt' },
  revoked:            { da: 'trukket tilbage', nb: 'trukket tilbake' },
  scheduled:          { da: 'aftalt', nb: 'avtalt' },
  stopped:            { da: 'stoppet', nb: 'stoppet' },
  triaged:            { da: 'visiteret', nb: 'triagert' },
  unconfirmed:        { da: 'ikke bekræftet', nb: 'ikke bekreftet' },
  unknown:            { da: 'ukendt', nb: 'ukjent' },
}

// prettier-ignore
const told = {
  /** Not which kind, and not how much (E24). */
  reduced:      { da: 'Noget er holdt tilbage. Kontakt afsenderen ved behov.', nb: 'Noe er holdt tilbake. Kontakt avsenderen ved behov.', en: 'Something was withheld. Contact the source if you need it.' },
  /** NORDSCLCD in words (E21). */
  noOnwardUse:  { da: 'Må ikke gives videre uden nyt samtykke.', nb: 'Må ikke gis videre uten nytt samtykke.', en: 'Not to be passed on without a new consent.' },
  /** An order not to do something must never read as one to do it. */
  doNotPerform: { da: 'Skal ikke udføres', nb: 'Skal ikke utføres', en: 'Not to be done' },
} as const satisfies Record<string, Words>

export function nameOfType(type: string, language: Language): string {
  return types[type]?.[language] ?? type
}

export function elementsShown(type: string): readonly string[] {
  return shown[type] ?? []
}

export function heading(element: string, language: Language): string {
  return headings[element]?.[language] ?? element
}

export function wordOfState(code: string, language: Language): string {
  return language === 'en' ? code : (states[code]?.[language] ?? code)
}

export function telling(what: keyof typeof told, language: Language): string {
  return told[what][language]
}
