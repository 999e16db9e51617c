Profile: SluseServiceRequest
Parent: ServiceRequest
Id: sluse-servicerequest
Title: "ServiceRequest at the gate"
Description: "A referral or an order: what is asked for, by whom and why."
* ^status = #active
* insert NoModifiers
* insert AboutOnePatient(subject)
// An order that does not say what is ordered cannot be decided about.
* code 1..1
* code obeys sluse-con-1
