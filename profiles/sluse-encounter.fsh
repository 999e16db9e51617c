Profile: SluseEncounter
Parent: Encounter
Id: sluse-encounter
Title: "Encounter at the gate"
Description: "A contact with a patient: an admission told by HL7 v2 or MedCom, a visit to the municipality or to the GP."
* ^status = #active
* insert NoModifiers
* insert AboutOnePatient(subject)
