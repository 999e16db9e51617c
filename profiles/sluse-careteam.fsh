Profile: SluseCareTeam
Parent: CareTeam
Id: sluse-careteam
Title: "CareTeam at the gate"
Description: "Who takes part in a citizen's care, across sectors. It is redacted participant by participant."
* ^status = #active
* insert NoModifiers
* insert AboutOnePatient(subject)
* participant.modifierExtension 0..0
