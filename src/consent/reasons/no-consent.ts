/** Reasons to withhold since nothing permits it: what the nearest permit did not cover. `{consent}` and `{label}` are filled in by `explain()`. */
import type { Reason } from './sentences.ts'

export const noConsentReasons = {
  'no-consent': {
    outcome: 'no-consent',
    da: {
      clinician: 'Der er ikke samtykke til, at I får oplysningerne.',
      privacyOfficer: 'Der findes intet samtykke, som omfatter forespørgslen.',
      citizen: 'Du har ikke givet samtykke til, at oplysningerne deles.',
    },
    nb: {
      clinician: 'Det finnes ikke samtykke til at dere får opplysningene.',
      privacyOfficer: 'Det finnes ikke noe samtykke som omfatter forespørselen.',
      citizen: 'Du har ikke gitt samtykke til at opplysningene deles.',
    },
    en: {
      clinician: 'There is no consent to your receiving the information.',
      privacyOfficer: 'No consent covers the request.',
      citizen: 'You have given no consent to sharing the information.',
    },
  },
  'consent-not-active': {
    outcome: 'no-consent',
    da: {
      clinician: 'Der er ikke samtykke til, at I får oplysningerne.',
      privacyOfficer: 'Samtykke {consent} er trukket tilbage eller ikke trådt i kraft.',
      citizen: 'Dit samtykke[ ({consent})] er trukket tilbage eller ikke trådt i kraft.',
    },
    nb: {
      clinician: 'Det finnes ikke samtykke til at dere får opplysningene.',
      privacyOfficer: 'Samtykke {consent} er trukket tilbake eller ikke trådt i kraft.',
      citizen: 'Samtykket ditt[ ({consent})] er trukket tilbake eller ikke trådt i kraft.',
    },
    en: {
      clinician: 'There is no consent to your receiving the information.',
      privacyOfficer: 'Consent {consent} is withdrawn or not yet active.',
      citizen: 'Your consent[ ({consent})] is withdrawn or not yet active.',
    },
  },
  'consent-not-yet-valid': {
    outcome: 'no-consent',
    da: {
      clinician: 'Der er ikke samtykke til, at I får oplysningerne.',
      privacyOfficer: 'Samtykke {consent} gælder først fra et senere tidspunkt.',
      citizen: 'Dit samtykke[ ({consent})] gælder først fra et senere tidspunkt.',
    },
    nb: {
      clinician: 'Det finnes ikke samtykke til at dere får opplysningene.',
      privacyOfficer: 'Samtykke {consent} gjelder først fra et senere tidspunkt.',
      citizen: 'Samtykket ditt[ ({consent})] gjelder først fra et senere tidspunkt.',
    },
    en: {
      clinician: 'There is no consent to your receiving the information.',
      privacyOfficer: 'Consent {consent} starts at a later time.',
      citizen: 'Your consent[ ({consent})] starts at a later time.',
    },
  },
  'consent-expired': {
    outcome: 'no-consent',
    da: {
      clinician: 'Der er ikke samtykke til, at I får oplysningerne.',
      privacyOfficer: 'Samtykke {consent} er udløbet.',
      citizen: 'Dit samtykke[ ({consent})] er udløbet.',
    },
    nb: {
      clinician: 'Det finnes ikke samtykke til at dere får opplysningene.',
      privacyOfficer: 'Samtykke {consent} er utløpt.',
      citizen: 'Samtykket ditt[ ({consent})] er utløpt.',
    },
    en: {
      clinician: 'There is no consent to your receiving the information.',
      privacyOfficer: 'Consent {consent} has expired.',
      citizen: 'Your consent[ ({consent})] has expired.',
    },
  },
  'recipient-not-covered': {
    outcome: 'no-consent',
    da: {
      clinician: 'Der er ikke samtykke til, at I får oplysningerne.',
      privacyOfficer: 'Samtykke {consent} nævner andre modtagere.',
      citizen: 'Dit samtykke[ ({consent})] gælder andre modtagere.',
    },
    nb: {
      clinician: 'Det finnes ikke samtykke til at dere får opplysningene.',
      privacyOfficer: 'Samtykke {consent} nevner andre mottakere.',
      citizen: 'Samtykket ditt[ ({consent})] gjelder andre mottakere.',
    },
    en: {
      clinician: 'There is no consent to your receiving the information.',
      privacyOfficer: 'Consent {consent} names other recipients.',
      citizen: 'Your consent[ ({consent})] is for other recipients.',
    },
  },
  'source-not-covered': {
    outcome: 'no-consent',
    da: {
      clinician: 'Der er ikke samtykke til, at I får oplysningerne.',
      privacyOfficer: 'Samtykke {consent} gælder oplysninger fra andre enheder.',
      citizen: 'Dit samtykke[ ({consent})] gælder oplysninger fra andre enheder.',
    },
    nb: {
      clinician: 'Det finnes ikke samtykke til at dere får opplysningene.',
      privacyOfficer: 'Samtykke {consent} gjelder opplysninger fra andre virksomheter.',
      citizen: 'Samtykket ditt[ ({consent})] gjelder opplysninger fra andre virksomheter.',
    },
    en: {
      clinician: 'There is no consent to your receiving the information.',
      privacyOfficer: 'Consent {consent} is for information from other units.',
      citizen: 'Your consent[ ({consent})] is for information from other units.',
    },
  },
  'purpose-not-covered': {
    outcome: 'no-consent',
    da: {
      clinician: 'Der er ikke samtykke til dette formål.',
      privacyOfficer: 'Samtykke {consent} gælder andre formål end forespørgslens.',
      citizen: 'Dit samtykke[ ({consent})] gælder andre formål.',
    },
    nb: {
      clinician: 'Det finnes ikke samtykke til dette formålet.',
      privacyOfficer: 'Samtykke {consent} gjelder andre formål enn forespørselens.',
      citizen: 'Samtykket ditt[ ({consent})] gjelder andre formål.',
    },
    en: {
      clinician: 'There is no consent for this purpose.',
      privacyOfficer: 'Consent {consent} is for purposes other than that of the request.',
      citizen: 'Your consent[ ({consent})] is for other purposes.',
    },
  },
  'action-not-covered': {
    outcome: 'no-consent',
    da: {
      clinician: 'Der er ikke samtykke til denne brug.',
      privacyOfficer: 'Samtykke {consent} tillader andre handlinger end forespørgslens.',
      citizen: 'Dit samtykke[ ({consent})] tillader andre handlinger end denne.',
    },
    nb: {
      clinician: 'Det finnes ikke samtykke til denne bruken.',
      privacyOfficer: 'Samtykke {consent} tillater andre handlinger enn forespørselens.',
      citizen: 'Samtykket ditt[ ({consent})] tillater andre handlinger enn denne.',
    },
    en: {
      clinician: 'There is no consent to this use.',
      privacyOfficer: 'Consent {consent} allows actions other than that of the request.',
      citizen: 'Your consent[ ({consent})] allows other actions than this.',
    },
  },
  'class-not-covered': {
    outcome: 'no-consent',
    da: {
      clinician: 'Der er ikke samtykke til, at I får oplysningerne.',
      privacyOfficer: 'Samtykke {consent} gælder andre typer af journaloplysninger.',
      citizen: 'Dit samtykke[ ({consent})] gælder andre typer af oplysninger.',
    },
    nb: {
      clinician: 'Det finnes ikke samtykke til at dere får opplysningene.',
      privacyOfficer: 'Samtykke {consent} gjelder andre typer journalopplysninger.',
      citizen: 'Samtykket ditt[ ({consent})] gjelder andre typer opplysninger.',
    },
    en: {
      clinician: 'There is no consent to your receiving the information.',
      privacyOfficer: 'Consent {consent} is for other types of record.',
      citizen: 'Your consent[ ({consent})] is for other types of information.',
    },
  },
  'data-not-covered': {
    outcome: 'no-consent',
    da: {
      clinician: 'Der er ikke samtykke til, at I får oplysningerne.',
      privacyOfficer: 'Samtykke {consent} nævner andre oplysninger end disse.',
      citizen: 'Dit samtykke[ ({consent})] nævner andre oplysninger end disse.',
    },
    nb: {
      clinician: 'Det finnes ikke samtykke til at dere får opplysningene.',
      privacyOfficer: 'Samtykke {consent} nevner andre opplysninger enn disse.',
      citizen: 'Samtykket ditt[ ({consent})] nevner andre opplysninger enn disse.',
    },
    en: {
      clinician: 'There is no consent to your receiving the information.',
      privacyOfficer: 'Consent {consent} names other information than this.',
      citizen: 'Your consent[ ({consent})] names other information than this.',
    },
  },
  'label-not-covered': {
    outcome: 'no-consent',
    da: {
      clinician: 'Der er ikke samtykke til, at I får oplysningerne.',
      privacyOfficer: 'Samtykke {consent} omfatter ikke alt det, oplysningerne er mærket med[: {label}].',
      citizen: 'Dit samtykke[ ({consent})] omfatter ikke denne slags oplysninger.',
    },
    nb: {
      clinician: 'Det finnes ikke samtykke til at dere får opplysningene.',
      privacyOfficer: 'Samtykke {consent} omfatter ikke alt opplysningene er merket med[: {label}].',
      citizen: 'Samtykket ditt[ ({consent})] omfatter ikke denne typen opplysninger.',
    },
    en: {
      clinician: 'There is no consent to your receiving the information.',
      privacyOfficer:
        'Consent {consent} does not cover all that the information is labelled with[: {label}].',
      citizen: 'Your consent[ ({consent})] does not cover this kind of information.',
    },
  },
} as const satisfies Record<string, Reason>
