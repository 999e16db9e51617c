Alias: $scope = http://terminology.hl7.org/CodeSystem/consentscope

Profile: SluseConsent
Parent: Consent
Id: sluse-consent
Title: "Consent that the gate can decide by"
Description: "A patient's permission or refusal to share, as data. A permit names purpose, recipient and kind of information; a refusal may be as wide as the patient wants."
* ^status = #active
* insert NoModifiers
* scope = $scope#patient-privacy
* insert AboutOnePatient(patient)
* dateTime 1..1
* provision 1..1
* provision obeys sluse-cns-1 and sluse-cns-2 and sluse-cns-3
* provision.modifierExtension 0..0
// The base decision. In R4 policyRule may give it instead; one place is easier to read and cannot contradict itself.
* provision.type 1..1
* provision.actor.reference obeys sluse-ref-1

// Forvaltningsloven 28 and GDPR 4(11), 7: consent is specific, so a permit without these three is none.
Invariant: sluse-cns-1
Description: "a permit names its purpose in `purpose`, its recipient in `actor`, and the kind of information in `class`, `code`, `data` or `securityLabel`"
Severity: #error
Expression: "type != 'permit' or (purpose.exists() and actor.exists() and (class.exists() or code.exists() or data.exists() or securityLabel.exists()))"

// A provision takes over from the one around it what it leaves empty; so the root may name it for all.
Invariant: sluse-cns-2
Description: "each permit inside another provision names purpose, recipient and kind of information as well, unless the outermost provision does"
Severity: #error
Expression: "(provision | provision.provision | provision.provision.provision | provision.provision.provision.provision | provision.provision.provision.provision.provision | provision.provision.provision.provision.provision.provision | provision.provision.provision.provision.provision.provision.provision | provision.provision.provision.provision.provision.provision.provision.provision).where(type = 'permit').all((purpose.exists() or %context.purpose.exists()) and (actor.exists() or %context.actor.exists()) and (class.exists() or code.exists() or data.exists() or securityLabel.exists() or %context.class.exists() or %context.code.exists() or %context.data.exists() or %context.securityLabel.exists()))"

// Deeper than any real consent, and as deep as sluse-cns-2 looks.
Invariant: sluse-cns-3
Description: "provisions nest at most eight deep inside the outermost one"
Severity: #error
Expression: "provision.provision.provision.provision.provision.provision.provision.provision.provision.empty()"
