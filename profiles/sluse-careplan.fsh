Profile: SluseCarePlan
Parent: CarePlan
Id: sluse-careplan
Title: "CarePlan at the gate"
Description: "A care plan of any sector, with its activities and, often, its goals contained. Everything else is as in R4."
* ^status = #active
* insert NoModifiers
* insert AboutOnePatient(subject)
// A plan is redacted activity by activity, so no activity may carry what changes its meaning unseen.
* activity.modifierExtension 0..0
