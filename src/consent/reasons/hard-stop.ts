/** Reasons that nothing lifts: neither a consent nor an override. `{consent}` is filled in by `explain()`. */
import type { Reason } from './sentences.ts'

export const hardStopReasons = {
  'identity-unsafe': {
    outcome: 'denied',
    da: {
      clinician: 'Borgeren kan ikke identificeres sikkert; brug cpr-nummeret.',
      privacyOfficer:
        'Borgeren er kun kendt ved et nummer, der ikke gælder på tværs af organisationer, eller to identiteter er under sammenlægning.',
      citizen: 'Oplysninger blev holdt tilbage, fordi det ikke var sikkert, at de handler om dig.',
    },
    nb: {
      clinician: 'Pasienten kan ikke identifiseres sikkert; bruk fødselsnummeret.',
      privacyOfficer:
        'Pasienten er bare kjent med et nummer som ikke gjelder på tvers av virksomheter, eller to identiteter er under sammenslåing.',
      citizen: 'Opplysninger ble holdt tilbake fordi det ikke var sikkert at de handler om deg.',
    },
    en: {
      clinician: 'The patient cannot be identified safely; use the national number.',
      privacyOfficer:
        'The patient is known only by a number that does not hold across organisations, or two identities are being merged.',
      citizen: 'Information was withheld because it was not certain that it is about you.',
    },
  },
  'anonymous-treatment': {
    outcome: 'denied',
    da: {
      clinician: 'Oplysningerne kan ikke videregives.',
      privacyOfficer: 'Behandlingen er anonym og må hverken matches eller udveksles.',
      citizen: 'Anonym behandling bliver aldrig delt.',
    },
    nb: {
      clinician: 'Opplysningene kan ikke utleveres.',
      privacyOfficer: 'Behandlingen er anonym og skal verken kobles eller utveksles.',
      citizen: 'Anonym behandling blir aldri delt.',
    },
    en: {
      clinician: 'The information cannot be disclosed.',
      privacyOfficer: 'The treatment is anonymous and is never matched or exchanged.',
      citizen: 'Anonymous treatment is never shared.',
    },
  },
  'unit-type-unknown': {
    outcome: 'denied',
    da: {
      clinician: 'Jeres enhedstype er ikke registreret i gatewayen; bed den ansvarlige om at registrere den.',
      privacyOfficer:
        'Det er ikke registreret, hvilken slags enhed modtageren er, og derfor heller ikke, hvilken lov der gælder[ ({rule})].',
      citizen:
        'Oplysninger blev holdt tilbage, fordi det ikke var klart, hvilke regler der gælder for modtageren.',
    },
    nb: {
      clinician: 'Enhetstypen deres er ikke registrert i gatewayen; be den ansvarlige om å registrere den.',
      privacyOfficer:
        'Det er ikke registrert hva slags enhet mottakeren er, og dermed heller ikke hvilken lov som gjelder[ ({rule})].',
      citizen:
        'Opplysninger ble holdt tilbake fordi det ikke var klart hvilke regler som gjelder for mottakeren.',
    },
    en: {
      clinician: 'Your type of unit is not registered at the gateway; ask whoever runs it to register it.',
      privacyOfficer:
        'What kind of unit the recipient is has not been registered, and so neither which law applies[ ({rule})].',
      citizen: 'Information was withheld because it was not clear which rules apply to the recipient.',
    },
  },
  'no-legal-basis-for-unit': {
    outcome: 'denied',
    da: {
      clinician: 'Oplysningerne kan ikke videregives.',
      privacyOfficer:
        'Ingen gældende regel giver hjemmel til at videregive til denne slags enhed[ ({rule})].',
      citizen:
        'Oplysninger blev holdt tilbage, fordi ingen regel tillader at dele dem med denne slags modtager.',
    },
    nb: {
      clinician: 'Opplysningene kan ikke utleveres.',
      privacyOfficer: 'Ingen gjeldende regel gir hjemmel til å utlevere til denne typen enhet[ ({rule})].',
      citizen:
        'Opplysninger ble holdt tilbake fordi ingen regel tillater å dele dem med denne typen mottaker.',
    },
    en: {
      clinician: 'The information cannot be disclosed.',
      privacyOfficer: 'No rule in force gives a basis for disclosing to this kind of unit[ ({rule})].',
      citizen: 'Information was withheld because no rule permits sharing it with this kind of recipient.',
    },
  },
  'verification-failed': {
    outcome: 'denied',
    da: {
      clinician: 'Oplysningerne kan ikke videregives.',
      privacyOfficer:
        'Kontrollen før afsendelse fandt noget, der ikke er dækket; intet blev sendt, og en person skal se på det.',
      citizen: 'Oplysninger blev holdt tilbage af den sidste kontrol før afsendelse.',
    },
    nb: {
      clinician: 'Opplysningene kan ikke utleveres.',
      privacyOfficer:
        'Kontrollen før sending fant noe som ikke er dekket; ingenting ble sendt, og en person må se på det.',
      citizen: 'Opplysninger ble holdt tilbake av den siste kontrollen før sending.',
    },
    en: {
      clinician: 'The information cannot be disclosed.',
      privacyOfficer:
        'The check before sending found something that is not covered; nothing was sent, and a person must look at it.',
      citizen: 'Information was withheld by the last check before sending.',
    },
  },
} as const satisfies Record<string, Reason>
