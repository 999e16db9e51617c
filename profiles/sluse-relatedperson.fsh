Profile: SluseRelatedPerson
Parent: RelatedPerson
Id: sluse-relatedperson
Title: "RelatedPerson at the gate"
Description: "Somebody close to the citizen: a parent, a partner, a guardian. The person has no record here, and no national id."
* ^status = #active
* insert NoModifiers
* insert AboutOnePatient(patient)
* communication.modifierExtension 0..0
