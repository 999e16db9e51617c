Profile: SluseGoal
Parent: Goal
Id: sluse-goal
Title: "Goal at the gate"
Description: "What a citizen and a sector want to reach. Text alone is enough, since goals are often the citizen's own words; it is then labelled as most restricted."
* ^status = #active
* insert NoModifiers
* insert AboutOnePatient(subject)
* description obeys sluse-con-1
* target.modifierExtension 0..0
