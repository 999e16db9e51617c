/** Reasons of redaction: why a part, or what was left, may not go though a consent covers it. */
import type { Reason } from './sentences.ts'

export const redactionReasons = {
  'reference-withheld': {
    outcome: 'denied',
    da: {
      clinician: 'Nogle oplysninger er holdt tilbage; kontakt afsenderen ved behov.',
      privacyOfficer:
        'Delen henviser til en anden registrering, som modtageren ikke må få; henvisningen er fjernet sammen med det, den hører til.',
      citizen: 'En henvisning til oplysninger, som modtageren ikke må få, er fjernet.',
    },
    nb: {
      clinician: 'Noen opplysninger er holdt tilbake; kontakt avsenderen ved behov.',
      privacyOfficer:
        'Delen viser til en annen registrering som mottakeren ikke kan få; henvisningen er fjernet sammen med det den hører til.',
      citizen: 'En henvisning til opplysninger som mottakeren ikke kan få, er fjernet.',
    },
    en: {
      clinician: 'Some information was withheld; contact the sender if you need it.',
      privacyOfficer:
        'The part points to another record that the recipient may not have; the reference was removed with what belongs to it.',
      citizen: 'A reference to information that the recipient may not have was removed.',
    },
  },
  'attachment-unclassified': {
    outcome: 'indeterminate',
    da: {
      clinician: 'Nogle oplysninger er holdt tilbage; kontakt afsenderen ved behov.',
      privacyOfficer:
        'Ingen har sagt, hvad den vedhæftede fil handler om, så den går ikke med en del af planen.',
      citizen: 'En vedhæftet fil, som ingen har vurderet, er holdt tilbage.',
    },
    nb: {
      clinician: 'Noen opplysninger er holdt tilbake; kontakt avsenderen ved behov.',
      privacyOfficer: 'Ingen har sagt hva vedlegget handler om, så det følger ikke med en del av planen.',
      citizen: 'Et vedlegg som ingen har vurdert, er holdt tilbake.',
    },
    en: {
      clinician: 'Some information was withheld; contact the sender if you need it.',
      privacyOfficer:
        'Nobody has said what the attachment is about, so it does not go with a part of the plan.',
      citizen: 'An attachment that nobody has assessed was withheld.',
    },
  },
} as const satisfies Record<string, Reason>
