Profile: SluseDocumentReference
Parent: DocumentReference
Id: sluse-documentreference
Title: "DocumentReference at the gate"
Description: "A document, in the resource or where it is kept. What is kept elsewhere is never fetched by the gateway."
* ^status = #active
* insert NoModifiers
* insert AboutOnePatient(subject)
* relatesTo.modifierExtension 0..0
* content.modifierExtension 0..0
* content.attachment obeys sluse-att-1
* context.modifierExtension 0..0

Invariant: sluse-att-1
Description: "say where the document is: in `data`, or at an address in `url`"
Severity: #error
Expression: "data.exists() or url.exists()"
