Profile: SluseTask
Parent: Task
Id: sluse-task
Title: "Task at the gate"
Description: "A request of one organisation to another about a citizen: what is to be done, to what, by whom, and how far it is."
* ^status = #active
* insert NoModifiers
* insert AboutOnePatient(for)
// A request that does not say what is asked for cannot be decided about.
* code 1..1
* code obeys sluse-con-1
* restriction.modifierExtension 0..0
* input.modifierExtension 0..0
* output.modifierExtension 0..0
