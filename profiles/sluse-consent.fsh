Profile: SluseConsent
Parent: Consent
Id: sluse-consent
Title: "Consent that Sluse stores"
Description: "A patient's permission or refusal to share, as data, in any status: a draft may be incomplete, and one that is taken back is taken as it is. What an active one must say besides is asked when it is sent in: docs/api/consent.md."
* ^status = #active
* insert NoModifiers
* insert AboutOnePatient(patient)
* provision.modifierExtension 0..0
* provision.actor.reference obeys sluse-ref-1
