/** The words that a narrative puts around what stands in the resource: headings, states, and the two things to be told. */
import type { Language } from '#consent/reason.ts'

type Words = Readonly<Record<Language, string>>

// prettier-ignore
const types: Readonly<Record<string, Words>> = {
  CarePlan:  { da: 'Plan', nb: 'Plan', en: 'Plan' },
  Encounter: { da: 'Kontakt', nb: 'Kontakt', en: 'Encounter' },
  Condition: { da: 'Tilstand', nb: 'Tilstand', en: 'Condition' },
  Consent:   { da: 'Samtykke', nb: 'Samtykke', en: 'Consent' },
  Goal:              { da: 'Mål', nb: 'Mål', en: 'Goal' },
  CareTeam:          { da: 'Team', nb: 'Team', en: 'Care team' },
  Observation:       { da: 'Måling eller fund', nb: 'Måling eller funn', en: 'Observation' },
  ServiceRequest:    { da: 'Henvisning eller bestilling', nb: 'Henvisning eller bestilling', en: 'Service request' },
  Communication:     { da: 'Besked', nb: 'Melding', en: 'Message' },
  DocumentReference: { da: 'Dokument', nb: 'Dokument', en: 'Document' },
  RelatedPerson:     { da: 'Pårørende', nb: 'Pårørende', en: 'Related person' },
  Task:              { da: 'Anmodning', nb: 'Anmodning', en: 'Request' },
}

/** What is shown of a type, in this order. Identifiers and the citizen never are: a narrative is copied about. */
// prettier-ignore
const shown: Readonly<Record<string, readonly string[]>> = {
  CarePlan: ['title', 'status', 'category', 'description', 'period', 'addresses', 'goal', 'activity', 'supportingInfo', 'careTeam', 'author', 'contributor', 'note'],
  Encounter: ['status', 'class', 'type', 'serviceType', 'priority', 'period', 'reasonCode', 'reasonReference', 'diagnosis', 'participant', 'location', 'hospitalization', 'serviceProvider'],
  Condition: ['code', 'clinicalStatus', 'verificationStatus', 'category', 'severity', 'bodySite', 'onsetDateTime', 'onsetPeriod', 'onsetString', 'abatementDateTime', 'abatementPeriod', 'abatementString', 'recordedDate', 'stage', 'evidence', 'note'],
  Consent: ['status', 'category', 'dateTime', 'performer', 'organization'],
  Goal: ['description', 'lifecycleStatus', 'achievementStatus', 'category', 'startDate', 'startCodeableConcept', 'target', 'statusReason', 'expressedBy', 'addresses', 'outcomeCode', 'outcomeReference', 'note'],
  CareTeam: ['name', 'status', 'category', 'period', 'participant', 'managingOrganization', 'telecom', 'reasonCode', 'reasonReference', 'note'],
  Observation: ['code', 'status', 'category', ...choice('effective', 'DateTime Period Instant'), ...choice('value', 'Quantity CodeableConcept String Boolean Integer Range Ratio Time DateTime Period'), 'dataAbsentReason', 'interpretation', 'component', 'bodySite', 'method', 'performer', 'note'],
  ServiceRequest: ['doNotPerform', 'code', 'orderDetail', 'status', 'category', ...choice('quantity', 'Quantity Ratio Range'), ...choice('occurrence', 'DateTime Period'), ...choice('asNeeded', 'Boolean CodeableConcept'), 'bodySite', 'authoredOn', 'requester', 'performerType', 'performer', 'locationCode', 'locationReference', 'reasonCode', 'reasonReference', 'supportingInfo', 'patientInstruction', 'note'],
  Communication: ['topic', 'status', 'statusReason', 'category', 'sent', 'received', 'sender', 'recipient', 'about', 'reasonCode', 'reasonReference', 'payload', 'note'],
  DocumentReference: ['type', 'status', 'docStatus', 'category', 'date', 'author', 'description', 'content'],
  RelatedPerson: ['relationship', 'name', 'telecom', 'period'],
  Task: ['code', 'description', 'focus', 'status', 'statusReason', 'businessStatus', 'executionPeriod', 'authoredOn', 'requester', 'performerType', 'owner', 'location', 'reasonCode', 'reasonReference', 'restriction', 'input', 'output', 'note'],
}

/** https://hl7.org/fhir/R4/formats.html#choice */
function choice(element: string, of: string): readonly string[] {
  return of.split(' ').map((type) => `${element}${type}`)
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
  performer:          { da: 'Udføres af', nb: 'Utføres av', en: 'Performer' },
  'Consent.performer': { da: 'Givet af', nb: 'Gitt av', en: 'Given by' },
  'Observation.performer': { da: 'Udført af', nb: 'Utført av', en: 'Performed by' },
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
  about:              { da: 'Om', nb: 'Om', en: 'About' },
  achievementStatus:  { da: 'Nået', nb: 'Oppnådd', en: 'Achievement' },
  asNeeded:           { da: 'Ved behov', nb: 'Ved behov', en: 'As needed' },
  businessStatus:     { da: 'Hvor langt', nb: 'Hvor langt', en: 'Business status' },
  executionPeriod:    { da: 'Udført', nb: 'Utført', en: 'Carried out' },
  focus:              { da: 'Det drejer sig om', nb: 'Det gjelder', en: 'Focus' },
  input:              { da: 'Til brug for det', nb: 'Til bruk for det', en: 'Input' },
  output:             { da: 'Resultat', nb: 'Resultat', en: 'Output' },
  owner:              { da: 'Til', nb: 'Til', en: 'Owner' },
  restriction:        { da: 'Ramme', nb: 'Ramme', en: 'Restriction' },
  authoredOn:         { da: 'Bestilt', nb: 'Bestilt', en: 'Ordered' },
  component:          { da: 'Heraf', nb: 'Herav', en: 'Components' },
  content:            { da: 'Indhold', nb: 'Innhold', en: 'Content' },
  dataAbsentReason:   { da: 'Hvorfor der intet svar er', nb: 'Hvorfor svar mangler', en: 'Why there is no value' },
  date:               { da: 'Dato', nb: 'Dato', en: 'Date' },
  doNotPerform:       { da: 'Bemærk', nb: 'Merk', en: 'Note well' },
  docStatus:          { da: 'Dokumentets status', nb: 'Dokumentets status', en: 'Document status' },
  effective:          { da: 'Målt', nb: 'Målt', en: 'Observed' },
  expressedBy:        { da: 'Sat af', nb: 'Satt av', en: 'Set by' },
  interpretation:     { da: 'Vurdering', nb: 'Vurdering', en: 'Interpretation' },
  lifecycleStatus:    { da: 'Status', nb: 'Status', en: 'Status' },
  locationCode:       { da: 'Sted', nb: 'Sted', en: 'Location' },
  locationReference:  { da: 'Sted', nb: 'Sted', en: 'Location' },
  managingOrganization: { da: 'Ansvarlig', nb: 'Ansvarlig', en: 'Responsible' },
  method:             { da: 'Metode', nb: 'Metode', en: 'Method' },
  name:               { da: 'Navn', nb: 'Navn', en: 'Name' },
  occurrence:         { da: 'Hvornår', nb: 'Når', en: 'When' },
  orderDetail:        { da: 'Nærmere', nb: 'Nærmere', en: 'Details' },
  outcomeCode:        { da: 'Udfald', nb: 'Utfall', en: 'Outcome' },
  outcomeReference:   { da: 'Udfald', nb: 'Utfall', en: 'Outcome' },
  patientInstruction: { da: 'Til borgeren', nb: 'Til pasienten', en: 'To the patient' },
  payload:            { da: 'Besked', nb: 'Melding', en: 'Message' },
  performerType:      { da: 'Udføres af', nb: 'Utføres av', en: 'Performer' },
  quantity:           { da: 'Antal', nb: 'Antall', en: 'Quantity' },
  received:           { da: 'Modtaget', nb: 'Mottatt', en: 'Received' },
  recipient:          { da: 'Til', nb: 'Til', en: 'To' },
  relationship:       { da: 'Relation', nb: 'Relasjon', en: 'Relationship' },
  requester:          { da: 'Bestilt af', nb: 'Bestilt av', en: 'Requested by' },
  sender:             { da: 'Fra', nb: 'Fra', en: 'From' },
  sent:               { da: 'Sendt', nb: 'Sendt', en: 'Sent' },
  start:              { da: 'Fra', nb: 'Fra', en: 'From' },
  statusReason:       { da: 'Hvorfor', nb: 'Hvorfor', en: 'Reason for status' },
  target:             { da: 'Delmål', nb: 'Delmål', en: 'Targets' },
  telecom:            { da: 'Kontakt', nb: 'Kontakt', en: 'Contact' },
  topic:              { da: 'Emne', nb: 'Emne', en: 'Topic' },
  value:              { da: 'Svar', nb: 'Svar', en: 'Value' },
  verificationStatus: { da: 'Sikkerhed', nb: 'Sikkerhet', en: 'Verification' },
}

/** Codes of R4's status value sets; English shows the code, which is English. */
// prettier-ignore
const states: Readonly<Record<string, { readonly da: string; readonly nb: string }>> = {
  failed:             { da: 'mislykket', nb: 'mislykket' },
  ready:              { da: 'klar', nb: 'klar' },
  requested:          { da: 'anmodet', nb: 'anmodet' },
  accepted:           { da: 'aftalt', nb: 'avtalt' },
  achieved:           { da: 'nået', nb: 'oppnådd' },
  active:             { da: 'aktiv', nb: 'aktiv' },
  amended:            { da: 'ændret', nb: 'endret' },
  arrived:            { da: 'ankommet', nb: 'ankommet' },
  cancelled:          { da: 'aflyst', nb: 'avlyst' },
  completed:          { da: 'afsluttet', nb: 'fullført' },
  confirmed:          { da: 'bekræftet', nb: 'bekreftet' },
  corrected:          { da: 'rettet', nb: 'rettet' },
  current:            { da: 'gældende', nb: 'gjeldende' },
  differential:       { da: 'differentialdiagnose', nb: 'differensialdiagnose' },
  draft:              { da: 'udkast', nb: 'utkast' },
  'entered-in-error': { da: 'fejlregistreret', nb: 'feilregistrert' },
  final:              { da: 'endelig', nb: 'endelig' },
  finished:           { da: 'afsluttet', nb: 'avsluttet' },
  improving:          { da: 'i bedring', nb: 'i bedring' },
  inactive:           { da: 'ikke aktiv', nb: 'ikke aktiv' },
  'in-progress':      { da: 'i gang', nb: 'pågår' },
  'no-change':        { da: 'uændret', nb: 'uendret' },
  'no-progress':      { da: 'ingen fremgang', nb: 'ingen fremgang' },
  'not-achieved':     { da: 'ikke nået', nb: 'ikke oppnådd' },
  'not-attainable':   { da: 'kan ikke nås', nb: 'kan ikke oppnås' },
  'not-done':         { da: 'ikke udført', nb: 'ikke utført' },
  'not-started':      { da: 'ikke begyndt', nb: 'ikke begynt' },
  'on-hold':          { da: 'sat i bero', nb: 'på vent' },
  onleave:            { da: 'på orlov', nb: 'på permisjon' },
  planned:            { da: 'planlagt', nb: 'planlagt' },
  preliminary:        { da: 'foreløbig', nb: 'foreløpig' },
  preparation:        { da: 'under forberedelse', nb: 'under forberedelse' },
  proposed:           { da: 'foreslået', nb: 'foreslått' },
  provisional:        { da: 'foreløbig', nb: 'foreløpig' },
  recurrence:         { da: 'tilbagevendt', nb: 'tilbakevendt' },
  refuted:            { da: 'afkræftet', nb: 'avkreftet' },
  registered:         { da: 'registreret', nb: 'registrert' },
  rejected:           { da: 'afvist', nb: 'avvist' },
  relapse:            { da: 'tilbagefald', nb: 'tilbakefall' },
  remission:          { da: 'i bedring', nb: 'i bedring' },
  resolved:           { da: 'ophørt', nb: 'opphørt' },
  revoked:            { da: 'trukket tilbage', nb: 'trukket tilbake' },
  scheduled:          { da: 'aftalt', nb: 'avtalt' },
  stopped:            { da: 'stoppet', nb: 'stoppet' },
  superseded:         { da: 'erstattet', nb: 'erstattet' },
  sustaining:         { da: 'fastholdt', nb: 'opprettholdt' },
  triaged:            { da: 'visiteret', nb: 'triagert' },
  unconfirmed:        { da: 'ikke bekræftet', nb: 'ikke bekreftet' },
  unknown:            { da: 'ukendt', nb: 'ukjent' },
  worsening:          { da: 'i forværring', nb: 'i forverring' },
}

// prettier-ignore
const told = {
  /** Not which kind, and not how much (E24). */
  reduced:      { da: 'Noget er holdt tilbage. Kontakt afsenderen ved behov.', nb: 'Noe er holdt tilbake. Kontakt avsenderen ved behov.', en: 'Something was withheld. Contact the source if you need it.' },
  /** NORDSCLCD in words (E21). */
  noOnwardUse:  { da: 'Må ikke gives videre uden nyt samtykke.', nb: 'Må ikke gis videre uten nytt samtykke.', en: 'Not to be passed on without a new consent.' },
  /** An order not to do something must never read as one to do it. */
  doNotPerform: { da: 'Skal ikke udføres', nb: 'Skal ikke utføres', en: 'Not to be done' },
  yes:          { da: 'ja', nb: 'ja', en: 'yes' },
  no:           { da: 'nej', nb: 'nei', en: 'no' },
} as const satisfies Record<string, Words>

export function nameOfType(type: string, language: Language): string {
  return types[type]?.[language] ?? type
}

export function elementsShown(type: string): readonly string[] {
  return shown[type] ?? []
}

/** Of the type's own element, of the element wherever it stands, or of `value` for `valueQuantity`. */
export function heading(type: string, element: string, language: Language): string {
  const words = headings[`${type}.${element}`] ?? headings[element] ?? headings[withoutForm(element)]
  return words?.[language] ?? element
}

function withoutForm(element: string): string {
  return /^(?:value|effective|occurrence|asNeeded|quantity|start)(?=[A-Z])/.exec(element)?.[0] ?? element
}

export function wordOfState(code: string, language: Language): string {
  return language === 'en' ? code : (states[code]?.[language] ?? code)
}

export function telling(what: keyof typeof told, language: Language): string {
  return told[what][language]
}
