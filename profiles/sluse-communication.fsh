Profile: SluseCommunication
Parent: Communication
Id: sluse-communication
Title: "Communication at the gate"
Description: "A message about a citizen from one party to another, as it was sent."
* ^status = #active
* insert NoModifiers
* insert AboutOnePatient(subject)
* payload.modifierExtension 0..0
