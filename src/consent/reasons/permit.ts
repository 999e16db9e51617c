/** Reasons to release. `{consent}` and `{label}` are filled in by `explain()`. */
import type { Reason } from './sentences.ts'

export const permitReasons = {
  'own-record': {
    outcome: 'permit',
    da: {
      clinician: 'Oplysningerne er jeres egne.',
      privacyOfficer: 'Modtageren er selv den enhed, der har journalen, og læser sine egne oplysninger.',
      citizen: 'Enheden har læst de oplysninger, den selv har skrevet om dig.',
    },
    nb: {
      clinician: 'Opplysningene er deres egne.',
      privacyOfficer: 'Mottakeren er selv virksomheten som har journalen, og leser sine egne opplysninger.',
      citizen: 'Virksomheten har lest opplysninger den selv har skrevet om deg.',
    },
    en: {
      clinician: 'The information is your own.',
      privacyOfficer: 'The recipient is itself the unit that holds the record and reads its own information.',
      citizen: 'The unit read the information that it wrote about you itself.',
    },
  },
  permitted: {
    outcome: 'permit',
    da: {
      clinician: 'Borgeren har samtykket til, at I får oplysningerne.',
      privacyOfficer: 'Samtykke {consent} giver adgang til det hele.',
      citizen: 'Du har givet samtykke[ ({consent})] til, at oplysningerne deles.',
    },
    nb: {
      clinician: 'Pasienten har samtykket til at dere får opplysningene.',
      privacyOfficer: 'Samtykke {consent} gir tilgang til alt.',
      citizen: 'Du har gitt samtykke[ ({consent})] til at opplysningene deles.',
    },
    en: {
      clinician: 'The patient has consented to your receiving the information.',
      privacyOfficer: 'Consent {consent} gives access to all of it.',
      citizen: 'You have given consent[ ({consent})] to sharing the information.',
    },
  },
  'permitted-in-part': {
    outcome: 'permit',
    da: {
      clinician: 'Nogle oplysninger er holdt tilbage; kontakt afsenderen ved behov.',
      privacyOfficer:
        'Samtykke {consent} giver adgang til en del; resten[, som er mærket {label},] er holdt tilbage.',
      citizen:
        'Du har givet samtykke[ ({consent})] til at dele en del af oplysningerne; resten er holdt tilbage.',
    },
    nb: {
      clinician: 'Noen opplysninger er holdt tilbake; kontakt avsenderen ved behov.',
      privacyOfficer:
        'Samtykke {consent} gir tilgang til en del; resten[, som er merket {label},] er holdt tilbake.',
      citizen:
        'Du har gitt samtykke[ ({consent})] til å dele en del av opplysningene; resten er holdt tilbake.',
    },
    en: {
      clinician: 'Some information was withheld; contact the sender if you need it.',
      privacyOfficer:
        'Consent {consent} gives access to a part; the rest[, which is labelled {label},] was withheld.',
      citizen:
        'You have given consent[ ({consent})] to sharing a part of the information; the rest was withheld.',
    },
  },
} as const satisfies Record<string, Reason>
