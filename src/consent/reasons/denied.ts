/** Reasons to withhold that no permit overrides. `{consent}` and `{label}` are filled in by `explain()`. */
import type { Reason } from './sentences.ts'

export const deniedReasons = {
  denied: {
    outcome: 'denied',
    da: {
      clinician: 'Oplysningerne kan ikke videregives.',
      privacyOfficer: 'Samtykke {consent} indeholder et nej, som gælder denne modtager og dette formål.',
      citizen: 'Du har sagt nej[ ({consent})] til, at oplysningerne deles med denne modtager.',
    },
    nb: {
      clinician: 'Opplysningene kan ikke utleveres.',
      privacyOfficer: 'Samtykke {consent} inneholder et nei som gjelder denne mottakeren og dette formålet.',
      citizen: 'Du har sagt nei[ ({consent})] til at opplysningene deles med denne mottakeren.',
    },
    en: {
      clinician: 'The information cannot be disclosed.',
      privacyOfficer: 'Consent {consent} contains a refusal that applies to this recipient and purpose.',
      citizen: 'You have refused[ ({consent})] to share the information with this recipient.',
    },
  },
  'label-denied': {
    outcome: 'denied',
    da: {
      clinician: 'Oplysningerne kan ikke videregives.',
      privacyOfficer: 'Samtykke {consent} siger nej til disse oplysninger[, som er mærket {label}].',
      citizen: 'Du har sagt nej[ ({consent})] til at dele denne slags oplysninger.',
    },
    nb: {
      clinician: 'Opplysningene kan ikke utleveres.',
      privacyOfficer: 'Samtykke {consent} sier nei til disse opplysningene[, som er merket {label}].',
      citizen: 'Du har sagt nei[ ({consent})] til å dele denne typen opplysninger.',
    },
    en: {
      clinician: 'The information cannot be disclosed.',
      privacyOfficer: 'Consent {consent} refuses this information[, which is labelled {label}].',
      citizen: 'You have refused[ ({consent})] to share this kind of information.',
    },
  },
  'request-malformed': {
    outcome: 'denied',
    da: {
      clinician: 'Forespørgslen mangler modtager, formål eller tidspunkt og blev ikke vurderet.',
      privacyOfficer:
        'Forespørgslen mangler patient, modtager, dataansvarlig, formål, tidspunkt eller tidszone.',
      citizen: 'En ufuldstændig forespørgsel om dig blev afvist.',
    },
    nb: {
      clinician: 'Forespørselen mangler mottaker, formål eller tidspunkt og ble ikke vurdert.',
      privacyOfficer:
        'Forespørselen mangler pasient, mottaker, dataansvarlig, formål, tidspunkt eller tidssone.',
      citizen: 'En ufullstendig forespørsel om deg ble avvist.',
    },
    en: {
      clinician: 'The request lacks recipient, purpose or time and was not evaluated.',
      privacyOfficer: 'The request lacks patient, recipient, custodian, purpose, time or time zone.',
      citizen: 'An incomplete request about you was refused.',
    },
  },
  'subject-mismatch': {
    outcome: 'denied',
    da: {
      clinician: 'Oplysningerne kan ikke videregives.',
      privacyOfficer: 'Oplysningerne handler ikke om den borger, der blev spurgt om.',
      citizen: 'Oplysninger, der ikke sikkert er dine, blev holdt tilbage.',
    },
    nb: {
      clinician: 'Opplysningene kan ikke utleveres.',
      privacyOfficer: 'Opplysningene gjelder ikke pasienten det ble spurt om.',
      citizen: 'Opplysninger som ikke sikkert er dine, ble holdt tilbake.',
    },
    en: {
      clinician: 'The information cannot be disclosed.',
      privacyOfficer: 'The information is not about the patient that was asked for.',
      citizen: 'Information that is not certainly yours was withheld.',
    },
  },
  'purpose-restricted-by-source': {
    outcome: 'denied',
    da: {
      clinician: 'Oplysningerne kan ikke videregives til dette formål.',
      privacyOfficer: 'Kilden har mærket oplysningerne med andre formål end forespørgslens.',
      citizen: 'Oplysningerne må ikke bruges til det formål, der blev spurgt om.',
    },
    nb: {
      clinician: 'Opplysningene kan ikke utleveres til dette formålet.',
      privacyOfficer: 'Kilden har merket opplysningene med andre formål enn forespørselens.',
      citizen: 'Opplysningene kan ikke brukes til formålet det ble spurt om.',
    },
    en: {
      clinician: 'The information cannot be disclosed for this purpose.',
      privacyOfficer: 'The source labelled the information with purposes other than that of the request.',
      citizen: 'The information may not be used for the purpose that was asked for.',
    },
  },
  'asked-for-withheld': {
    outcome: 'denied',
    da: {
      clinician: 'Oplysningerne er holdt tilbage.',
      privacyOfficer:
        'Spørgsmålet eller abonnementet gik på noget, der er holdt tilbage; at svare ville røbe det.',
      citizen:
        'Oplysningerne blev holdt tilbage, fordi spørgsmålet gik på noget, du ikke har samtykket til at dele.',
    },
    nb: {
      clinician: 'Opplysningene er holdt tilbake.',
      privacyOfficer:
        'Spørsmålet eller abonnementet gjaldt noe som er holdt tilbake; å svare ville røpe det.',
      citizen:
        'Opplysningene ble holdt tilbake fordi spørsmålet gjaldt noe du ikke har samtykket til å dele.',
    },
    en: {
      clinician: 'The information was withheld.',
      privacyOfficer:
        'The query or subscription asked for what is withheld; to answer would tell that it is there.',
      citizen:
        'The information was withheld because the question was about something that you have not agreed to share.',
    },
  },
  'outside-scope': {
    outcome: 'denied',
    da: {
      clinician: 'Oplysningerne er uden for det, systemet har adgang til.',
      privacyOfficer:
        'Systemets adgang er begrænset til andre oplysninger; hvad samtykket siger, afgjorde ikke dette.',
      citizen:
        'Oplysningerne blev holdt tilbage, fordi systemet, der spurgte, ikke har adgang til den slags.',
    },
    nb: {
      clinician: 'Opplysningene er utenfor det systemet har tilgang til.',
      privacyOfficer:
        'Systemets tilgang er begrenset til andre opplysninger; hva samtykket sier, avgjorde ikke dette.',
      citizen:
        'Opplysningene ble holdt tilbake fordi systemet som spurte, ikke har tilgang til slike opplysninger.',
    },
    en: {
      clinician: 'The information is outside what the system has access to.',
      privacyOfficer:
        'The access of the system is limited to other information; what consent says did not decide this.',
      citizen:
        'The information was withheld because the system that asked has no access to information of this kind.',
    },
  },
} as const satisfies Record<string, Reason>
