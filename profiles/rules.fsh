// What more than one profile asks for.

// Sluse understands no modifier of a resource's meaning, and what is not understood is not exchanged.
// https://hl7.org/fhir/R4/extensibility.html#modifierExtension, https://hl7.org/fhir/R4/resource.html#implicitRules
RuleSet: NoModifiers
* implicitRules 0..0
* modifierExtension 0..0

// Consent is a person's: a resource about a group, a device or a place cannot be decided.
RuleSet: AboutOnePatient(element)
* {element} 1..1
* {element} only Reference(Patient)
* {element} obeys sluse-ref-1

Invariant: sluse-ref-1
Description: "name whom is meant by `reference`, or by `identifier` with `system` and `value`: a display alone cannot be matched"
Severity: #error
Expression: "reference.exists() or (identifier.system.exists() and identifier.value.exists())"
