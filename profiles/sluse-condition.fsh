Profile: SluseCondition
Parent: Condition
Id: sluse-condition
Title: "Condition at the gate"
Description: "A diagnosis or a problem. Text alone is enough, since GPs write so; it is then labelled as most restricted."
* ^status = #active
* insert NoModifiers
* insert AboutOnePatient(subject)
* code 1..1
* code obeys sluse-con-1

Invariant: sluse-con-1
Description: "say what the condition is, in `coding` or in `text`"
Severity: #error
Expression: "text.exists() or coding.code.exists()"
