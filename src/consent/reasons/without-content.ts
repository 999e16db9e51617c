/** Reasons of a decision without content: before anybody knows what would be released. */
import type { Reason } from './sentences.ts'

export const withoutContentReasons = {
  'permitted-on-conditions': {
    outcome: 'permit',
    da: {
      clinician:
        'Borgeren har samtykket til, at I får nogle oplysninger; om I må få en bestemt oplysning, afgøres, når den hentes.',
      privacyOfficer:
        'Samtykke {consent} giver adgang på betingelser, som først kan afgøres for de enkelte oplysninger.',
      citizen:
        'Du har givet samtykke[ ({consent})] til at dele nogle oplysninger; hvilke afgøres, når de skal deles.',
    },
    nb: {
      clinician:
        'Pasienten har samtykket til at dere får noen opplysninger; om dere kan få en bestemt opplysning, avgjøres når den hentes.',
      privacyOfficer:
        'Samtykke {consent} gir tilgang på vilkår som først kan avgjøres for de enkelte opplysningene.',
      citizen:
        'Du har gitt samtykke[ ({consent})] til å dele noen opplysninger; hvilke avgjøres når de skal deles.',
    },
    en: {
      clinician:
        'The patient has consented to your receiving some information; whether you may have a given item is decided when it is fetched.',
      privacyOfficer: 'Consent {consent} gives access on conditions that can only be decided for each item.',
      citizen:
        'You have given consent[ ({consent})] to sharing some information; which items is decided when they are to be shared.',
    },
  },
} as const satisfies Record<string, Reason>
