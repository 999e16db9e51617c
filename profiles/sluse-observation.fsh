Profile: SluseObservation
Parent: Observation
Id: sluse-observation
Title: "Observation at the gate"
Description: "A measurement, a score or a finding, with its components. Everything else is as in R4."
* ^status = #active
* insert NoModifiers
* insert AboutOnePatient(subject)
* code obeys sluse-con-1
// A panel is redacted component by component, so no component may carry what changes its meaning unseen.
* component.modifierExtension 0..0
* component.code obeys sluse-con-1
* referenceRange.modifierExtension 0..0
