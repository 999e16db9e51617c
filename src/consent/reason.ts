/**
 * Why a decision came out as it did: a closed set of stable codes, each in one sentence per language and reader.
 * A clinician at the receiving end never learns the kind of what was withheld, so no sentence for one takes `{label}`.
 */

export type Outcome = 'permit' | 'denied' | 'indeterminate' | 'no-consent'
export type Language = 'da' | 'nb' | 'en'
export type Audience = 'clinician' | 'privacyOfficer' | 'citizen'
export type Sentences = Readonly<Record<Language, Readonly<Record<Audience, string>>>>

interface Reason extends Sentences {
  readonly outcome: Outcome
}

/** `{consent}` is filled with the consents that decided, `{label}` with the labels of what was decided. */
export const reasons = {
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
      citizen: 'Du har givet samtykke ({consent}) til, at oplysningerne deles.',
    },
    nb: {
      clinician: 'Pasienten har samtykket til at dere får opplysningene.',
      privacyOfficer: 'Samtykke {consent} gir tilgang til alt.',
      citizen: 'Du har gitt samtykke ({consent}) til at opplysningene deles.',
    },
    en: {
      clinician: 'The patient has consented to your receiving the information.',
      privacyOfficer: 'Consent {consent} gives access to all of it.',
      citizen: 'You have given consent ({consent}) to sharing the information.',
    },
  },
  'permitted-in-part': {
    outcome: 'permit',
    da: {
      clinician: 'Nogle oplysninger er holdt tilbage; kontakt afsenderen ved behov.',
      privacyOfficer:
        'Samtykke {consent} giver adgang til en del; resten af det, der er mærket {label}, er holdt tilbage.',
      citizen:
        'Du har givet samtykke ({consent}) til at dele en del af oplysningerne; resten er holdt tilbage.',
    },
    nb: {
      clinician: 'Noen opplysninger er holdt tilbake; kontakt avsenderen ved behov.',
      privacyOfficer:
        'Samtykke {consent} gir tilgang til en del; resten av det som er merket {label}, er holdt tilbake.',
      citizen:
        'Du har gitt samtykke ({consent}) til å dele en del av opplysningene; resten er holdt tilbake.',
    },
    en: {
      clinician: 'Some information was withheld; contact the sender if you need it.',
      privacyOfficer:
        'Consent {consent} gives access to a part; the rest of what is labelled {label} was withheld.',
      citizen:
        'You have given consent ({consent}) to sharing a part of the information; the rest was withheld.',
    },
  },
  denied: {
    outcome: 'denied',
    da: {
      clinician: 'Oplysningerne kan ikke videregives.',
      privacyOfficer: 'Samtykke {consent} indeholder et nej, som gælder denne modtager og dette formål.',
      citizen: 'Du har sagt nej ({consent}) til, at oplysningerne deles med denne modtager.',
    },
    nb: {
      clinician: 'Opplysningene kan ikke utleveres.',
      privacyOfficer: 'Samtykke {consent} inneholder et nei som gjelder denne mottakeren og dette formålet.',
      citizen: 'Du har sagt nei ({consent}) til at opplysningene deles med denne mottakeren.',
    },
    en: {
      clinician: 'The information cannot be disclosed.',
      privacyOfficer: 'Consent {consent} contains a refusal that applies to this recipient and purpose.',
      citizen: 'You have refused ({consent}) to share the information with this recipient.',
    },
  },
  'label-denied': {
    outcome: 'denied',
    da: {
      clinician: 'Oplysningerne kan ikke videregives.',
      privacyOfficer: 'Samtykke {consent} siger nej til oplysninger, der er mærket {label}.',
      citizen: 'Du har sagt nej ({consent}) til at dele denne slags oplysninger.',
    },
    nb: {
      clinician: 'Opplysningene kan ikke utleveres.',
      privacyOfficer: 'Samtykke {consent} sier nei til opplysninger som er merket {label}.',
      citizen: 'Du har sagt nei ({consent}) til å dele denne typen opplysninger.',
    },
    en: {
      clinician: 'The information cannot be disclosed.',
      privacyOfficer: 'Consent {consent} refuses information that is labelled {label}.',
      citizen: 'You have refused ({consent}) to share this kind of information.',
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
      citizen: 'Dit samtykke ({consent}) er trukket tilbage eller ikke trådt i kraft.',
    },
    nb: {
      clinician: 'Det finnes ikke samtykke til at dere får opplysningene.',
      privacyOfficer: 'Samtykke {consent} er trukket tilbake eller ikke trådt i kraft.',
      citizen: 'Samtykket ditt ({consent}) er trukket tilbake eller ikke trådt i kraft.',
    },
    en: {
      clinician: 'There is no consent to your receiving the information.',
      privacyOfficer: 'Consent {consent} is withdrawn or not yet active.',
      citizen: 'Your consent ({consent}) is withdrawn or not yet active.',
    },
  },
  'consent-not-yet-valid': {
    outcome: 'no-consent',
    da: {
      clinician: 'Der er ikke samtykke til, at I får oplysningerne.',
      privacyOfficer: 'Samtykke {consent} gælder først fra et senere tidspunkt.',
      citizen: 'Dit samtykke ({consent}) gælder først fra et senere tidspunkt.',
    },
    nb: {
      clinician: 'Det finnes ikke samtykke til at dere får opplysningene.',
      privacyOfficer: 'Samtykke {consent} gjelder først fra et senere tidspunkt.',
      citizen: 'Samtykket ditt ({consent}) gjelder først fra et senere tidspunkt.',
    },
    en: {
      clinician: 'There is no consent to your receiving the information.',
      privacyOfficer: 'Consent {consent} starts at a later time.',
      citizen: 'Your consent ({consent}) starts at a later time.',
    },
  },
  'consent-expired': {
    outcome: 'no-consent',
    da: {
      clinician: 'Der er ikke samtykke til, at I får oplysningerne.',
      privacyOfficer: 'Samtykke {consent} er udløbet.',
      citizen: 'Dit samtykke ({consent}) er udløbet.',
    },
    nb: {
      clinician: 'Det finnes ikke samtykke til at dere får opplysningene.',
      privacyOfficer: 'Samtykke {consent} er utløpt.',
      citizen: 'Samtykket ditt ({consent}) er utløpt.',
    },
    en: {
      clinician: 'There is no consent to your receiving the information.',
      privacyOfficer: 'Consent {consent} has expired.',
      citizen: 'Your consent ({consent}) has expired.',
    },
  },
  'recipient-not-covered': {
    outcome: 'no-consent',
    da: {
      clinician: 'Der er ikke samtykke til, at I får oplysningerne.',
      privacyOfficer: 'Samtykke {consent} nævner andre modtagere.',
      citizen: 'Dit samtykke ({consent}) gælder andre modtagere.',
    },
    nb: {
      clinician: 'Det finnes ikke samtykke til at dere får opplysningene.',
      privacyOfficer: 'Samtykke {consent} nevner andre mottakere.',
      citizen: 'Samtykket ditt ({consent}) gjelder andre mottakere.',
    },
    en: {
      clinician: 'There is no consent to your receiving the information.',
      privacyOfficer: 'Consent {consent} names other recipients.',
      citizen: 'Your consent ({consent}) is for other recipients.',
    },
  },
  'source-not-covered': {
    outcome: 'no-consent',
    da: {
      clinician: 'Der er ikke samtykke til, at I får oplysningerne.',
      privacyOfficer: 'Samtykke {consent} gælder oplysninger fra andre enheder.',
      citizen: 'Dit samtykke ({consent}) gælder oplysninger fra andre enheder.',
    },
    nb: {
      clinician: 'Det finnes ikke samtykke til at dere får opplysningene.',
      privacyOfficer: 'Samtykke {consent} gjelder opplysninger fra andre virksomheter.',
      citizen: 'Samtykket ditt ({consent}) gjelder opplysninger fra andre virksomheter.',
    },
    en: {
      clinician: 'There is no consent to your receiving the information.',
      privacyOfficer: 'Consent {consent} is for information from other units.',
      citizen: 'Your consent ({consent}) is for information from other units.',
    },
  },
  'purpose-not-covered': {
    outcome: 'no-consent',
    da: {
      clinician: 'Der er ikke samtykke til dette formål.',
      privacyOfficer: 'Samtykke {consent} gælder andre formål end forespørgslens.',
      citizen: 'Dit samtykke ({consent}) gælder andre formål.',
    },
    nb: {
      clinician: 'Det finnes ikke samtykke til dette formålet.',
      privacyOfficer: 'Samtykke {consent} gjelder andre formål enn forespørselens.',
      citizen: 'Samtykket ditt ({consent}) gjelder andre formål.',
    },
    en: {
      clinician: 'There is no consent for this purpose.',
      privacyOfficer: 'Consent {consent} is for purposes other than that of the request.',
      citizen: 'Your consent ({consent}) is for other purposes.',
    },
  },
  'action-not-covered': {
    outcome: 'no-consent',
    da: {
      clinician: 'Der er ikke samtykke til denne brug.',
      privacyOfficer: 'Samtykke {consent} tillader andre handlinger end forespørgslens.',
      citizen: 'Dit samtykke ({consent}) tillader andre handlinger end denne.',
    },
    nb: {
      clinician: 'Det finnes ikke samtykke til denne bruken.',
      privacyOfficer: 'Samtykke {consent} tillater andre handlinger enn forespørselens.',
      citizen: 'Samtykket ditt ({consent}) tillater andre handlinger enn denne.',
    },
    en: {
      clinician: 'There is no consent to this use.',
      privacyOfficer: 'Consent {consent} allows actions other than that of the request.',
      citizen: 'Your consent ({consent}) allows other actions than this.',
    },
  },
  'class-not-covered': {
    outcome: 'no-consent',
    da: {
      clinician: 'Der er ikke samtykke til, at I får oplysningerne.',
      privacyOfficer: 'Samtykke {consent} gælder andre typer af dokumenter.',
      citizen: 'Dit samtykke ({consent}) gælder andre typer af oplysninger.',
    },
    nb: {
      clinician: 'Det finnes ikke samtykke til at dere får opplysningene.',
      privacyOfficer: 'Samtykke {consent} gjelder andre typer dokumenter.',
      citizen: 'Samtykket ditt ({consent}) gjelder andre typer opplysninger.',
    },
    en: {
      clinician: 'There is no consent to your receiving the information.',
      privacyOfficer: 'Consent {consent} is for other types of record.',
      citizen: 'Your consent ({consent}) is for other types of information.',
    },
  },
  'data-not-covered': {
    outcome: 'no-consent',
    da: {
      clinician: 'Der er ikke samtykke til, at I får oplysningerne.',
      privacyOfficer: 'Samtykke {consent} nævner andre oplysninger end disse.',
      citizen: 'Dit samtykke ({consent}) nævner andre oplysninger end disse.',
    },
    nb: {
      clinician: 'Det finnes ikke samtykke til at dere får opplysningene.',
      privacyOfficer: 'Samtykke {consent} nevner andre opplysninger enn disse.',
      citizen: 'Samtykket ditt ({consent}) nevner andre opplysninger enn disse.',
    },
    en: {
      clinician: 'There is no consent to your receiving the information.',
      privacyOfficer: 'Consent {consent} names other information than this.',
      citizen: 'Your consent ({consent}) names other information than this.',
    },
  },
  'label-not-covered': {
    outcome: 'no-consent',
    da: {
      clinician: 'Der er ikke samtykke til, at I får oplysningerne.',
      privacyOfficer: 'Samtykke {consent} omfatter ikke alt det, oplysningerne er mærket med: {label}.',
      citizen: 'Dit samtykke ({consent}) omfatter ikke denne slags oplysninger.',
    },
    nb: {
      clinician: 'Det finnes ikke samtykke til at dere får opplysningene.',
      privacyOfficer: 'Samtykke {consent} omfatter ikke alt opplysningene er merket med: {label}.',
      citizen: 'Samtykket ditt ({consent}) omfatter ikke denne typen opplysninger.',
    },
    en: {
      clinician: 'There is no consent to your receiving the information.',
      privacyOfficer: 'Consent {consent} does not cover all that the information is labelled with: {label}.',
      citizen: 'Your consent ({consent}) does not cover this kind of information.',
    },
  },
  indeterminate: {
    outcome: 'indeterminate',
    da: {
      clinician: 'Det kan ikke afgøres, om I må få oplysningerne; en medarbejder ser på det.',
      privacyOfficer: 'Samtykke {consent} kan ikke tolkes for denne forespørgsel; se på det og afklar det.',
      citizen: 'Dit samtykke ({consent}) kan ikke tolkes med sikkerhed, og oplysningerne blev holdt tilbage.',
    },
    nb: {
      clinician: 'Det kan ikke avgjøres om dere kan få opplysningene; en medarbeider ser på det.',
      privacyOfficer: 'Samtykke {consent} kan ikke tolkes for denne forespørselen; se på det og avklar det.',
      citizen: 'Samtykket ditt ({consent}) kan ikke tolkes sikkert, og opplysningene ble holdt tilbake.',
    },
    en: {
      clinician: 'It cannot be told whether you may receive the information; somebody will look at it.',
      privacyOfficer: 'Consent {consent} cannot be read for this request; look at it and settle it.',
      citizen: 'Your consent ({consent}) cannot be read with certainty, so the information was withheld.',
    },
  },
  'consent-defective': {
    outcome: 'indeterminate',
    da: {
      clinician: 'Det kan ikke afgøres, om I må få oplysningerne; en medarbejder ser på det.',
      privacyOfficer:
        'Samtykke {consent} ville omfatte forespørgslen, men har en formel fejl og kan ikke bruges.',
      citizen: 'Dit samtykke ({consent}) har en formel fejl, og oplysningerne blev holdt tilbage.',
    },
    nb: {
      clinician: 'Det kan ikke avgjøres om dere kan få opplysningene; en medarbeider ser på det.',
      privacyOfficer:
        'Samtykke {consent} ville omfattet forespørselen, men har en formell feil og kan ikke brukes.',
      citizen: 'Samtykket ditt ({consent}) har en formell feil, og opplysningene ble holdt tilbake.',
    },
    en: {
      clinician: 'It cannot be told whether you may receive the information; somebody will look at it.',
      privacyOfficer:
        'Consent {consent} would cover the request, but has a formal defect and cannot be used.',
      citizen: 'Your consent ({consent}) has a formal defect, so the information was withheld.',
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
  'free-text-unclassified': {
    outcome: 'indeterminate',
    da: {
      clinician: 'Nogle oplysninger er holdt tilbage; kontakt afsenderen ved behov.',
      privacyOfficer: 'Fri tekst, som ingen har klassificeret, udgår, når kun en del udleveres.',
      citizen: 'Fri tekst blev holdt tilbage, fordi kun en del af oplysningerne deles.',
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

export type ReasonCode = keyof typeof reasons

export function outcomeOf(reason: ReasonCode): Outcome {
  return reasons[reason].outcome
}

/** From the farthest miss to the nearest: of several reasons for no consent, the last in this order explains most. */
export const missesByNearness = [
  'no-consent',
  'consent-not-active',
  'consent-not-yet-valid',
  'consent-expired',
  'recipient-not-covered',
  'source-not-covered',
  'purpose-not-covered',
  'action-not-covered',
  'class-not-covered',
  'data-not-covered',
  'label-not-covered',
] as const satisfies readonly ReasonCode[]
