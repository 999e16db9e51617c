/** Reasons to withhold what could not be told. `{consent}` and `{label}` are filled in by `explain()`. */
import type { Reason } from './sentences.ts'

export const indeterminateReasons = {
  indeterminate: {
    outcome: 'indeterminate',
    da: {
      clinician: 'Det kan ikke afgøres, om I må få oplysningerne; en medarbejder ser på det.',
      privacyOfficer: 'Samtykke {consent} kan ikke tolkes for denne forespørgsel; se på det og afklar det.',
      citizen:
        'Dit samtykke[ ({consent})] kan ikke tolkes med sikkerhed, og oplysningerne blev holdt tilbage.',
    },
    nb: {
      clinician: 'Det kan ikke avgjøres om dere kan få opplysningene; en medarbeider ser på det.',
      privacyOfficer: 'Samtykke {consent} kan ikke tolkes for denne forespørselen; se på det og avklar det.',
      citizen: 'Samtykket ditt[ ({consent})] kan ikke tolkes sikkert, og opplysningene ble holdt tilbake.',
    },
    en: {
      clinician: 'It cannot be told whether you may receive the information; somebody will look at it.',
      privacyOfficer: 'Consent {consent} cannot be read for this request; look at it and settle it.',
      citizen: 'Your consent[ ({consent})] cannot be read with certainty, so the information was withheld.',
    },
  },
  'consent-defective': {
    outcome: 'indeterminate',
    da: {
      clinician: 'Det kan ikke afgøres, om I må få oplysningerne; en medarbejder ser på det.',
      privacyOfficer:
        'Samtykke {consent} ville omfatte forespørgslen, men har en formel fejl og kan ikke bruges.',
      citizen: 'Dit samtykke[ ({consent})] har en formel fejl, og oplysningerne blev holdt tilbage.',
    },
    nb: {
      clinician: 'Det kan ikke avgjøres om dere kan få opplysningene; en medarbeider ser på det.',
      privacyOfficer:
        'Samtykke {consent} ville ha omfattet forespørselen, men har en formell feil og kan ikke brukes.',
      citizen: 'Samtykket ditt[ ({consent})] har en formell feil, og opplysningene ble holdt tilbake.',
    },
    en: {
      clinician: 'It cannot be told whether you may receive the information; somebody will look at it.',
      privacyOfficer:
        'Consent {consent} would cover the request, but has a formal defect and cannot be used.',
      citizen: 'Your consent[ ({consent})] has a formal defect, so the information was withheld.',
    },
  },
  'not-labelled': {
    outcome: 'indeterminate',
    da: {
      clinician: 'Oplysningerne er endnu ikke klar til at blive delt.',
      privacyOfficer:
        'Oplysningerne er ikke mærket efter det regelsæt, der gælder nu, og er derfor holdt tilbage.',
      citizen: 'Oplysningerne er endnu ikke vurderet og blev holdt tilbage.',
    },
    nb: {
      clinician: 'Opplysningene er ennå ikke klare til å deles.',
      privacyOfficer: 'Opplysningene er ikke merket etter gjeldende regelsett og er derfor holdt tilbake.',
      citizen: 'Opplysningene er ennå ikke vurdert og ble holdt tilbake.',
    },
    en: {
      clinician: 'The information is not ready to be shared yet.',
      privacyOfficer:
        'The information is not labelled under the rule set in force and was therefore withheld.',
      citizen: 'The information has not been assessed yet and was withheld.',
    },
  },
  'free-text-unclassified': {
    outcome: 'indeterminate',
    da: {
      clinician: 'Nogle oplysninger er holdt tilbage; kontakt afsenderen ved behov.',
      privacyOfficer: 'Fritekst, som ingen har klassificeret, udgår, når kun en del videregives.',
      citizen: 'Fritekst blev holdt tilbage, fordi kun en del af oplysningerne deles.',
    },
    nb: {
      clinician: 'Noen opplysninger er holdt tilbake; kontakt avsenderen ved behov.',
      privacyOfficer: 'Fritekst som ingen har klassifisert, utgår når bare en del utleveres.',
      citizen: 'Fritekst ble holdt tilbake fordi bare en del av opplysningene deles.',
    },
    en: {
      clinician: 'Some information was withheld; contact the sender if you need it.',
      privacyOfficer: 'Free text that nobody classified is left out when only a part is released.',
      citizen: 'Free text was withheld because only a part of the information is shared.',
    },
  },
} as const satisfies Record<string, Reason>
