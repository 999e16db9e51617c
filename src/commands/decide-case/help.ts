/** What `decide --help` adds: a case that can be copied, and how to read the answer. A test runs it as it stands here. */
export const exampleCase = `{
  "consents": [
    {
      "resourceType": "Consent",
      "id": "to-the-gp",
      "status": "active",
      "scope": { "coding": [{ "system": "http://terminology.hl7.org/CodeSystem/consentscope", "code": "patient-privacy" }] },
      "category": [{ "coding": [{ "system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "IDSCL" }] }],
      "patient": { "reference": "Patient/elmer" },
      "policyRule": { "coding": [{ "system": "https://sluse.example/fhir/CodeSystem/legal-basis", "code": "SUL-41-1" }] },
      "provision": {
        "type": "permit",
        "period": { "end": "2027-06-30" },
        "purpose": [{ "system": "http://terminology.hl7.org/CodeSystem/v3-ActReason", "code": "TREAT" }],
        "actor": [
          {
            "role": { "coding": [{ "system": "http://terminology.hl7.org/CodeSystem/v3-ParticipationType", "code": "IRCP" }] },
            "reference": { "reference": "Organization/gp" }
          }
        ],
        "securityLabel": [{ "system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "PSY" }]
      }
    }
  ],
  "context": [
    { "resourceType": "Organization", "id": "gp", "name": "Lægehuset i Sandkøbing" }
  ],
  "resources": [
    {
      "resourceType": "Condition",
      "id": "alcohol",
      "subject": { "reference": "Patient/elmer" },
      "code": { "coding": [{ "system": "http://hl7.org/fhir/sid/icd-10", "code": "F10.2" }] }
    }
  ],
  "request": {
    "patient": { "reference": "Patient/elmer" },
    "recipient": [{ "reference": "Organization/gp" }],
    "purposeOfUse": ["TREAT"],
    "action": "disclose",
    "at": "2026-11-21T10:00:00+01:00",
    "timeZone": "Europe/Copenhagen"
  }
}`

export const decideHelp = `
A case file holds FHIR R4 resources and one request:

  consents   all consents of the citizen: a list or a Bundle
  context    what the consents and resources refer to (Organization with partOf, Group, CareTeam, PractitionerRole, …):
             a list, a Bundle, or an object by reference; may be left out
  resources  what is asked for: a list or a Bundle; an empty one asks what the consents say before there is any content
  request    patient (Reference or Identifier), recipient (a list of them, all naming the one who asks), purposeOfUse,
             action (disclose when left out), at (an instant with its offset), timeZone; and custodian, as recipient:
             without it no national rule applies

The answer is { effect, reason, basis, obligations, resources: [{ reference, effect, reason, withheld, resource }] }, where the
effect of a resource is permit, redact or deny, and \`resource\` is what would be released. A file with faults is answered by
exit code 2 and one line for each on stderr, with its path.

Example: save this as case.json, then run \`npm run -s sluse -- decide case.json\`.

${exampleCase}
`
