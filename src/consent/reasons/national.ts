/** Reasons of national law: blocks and objections, form, age and representation. `{consent}` is filled in by `explain()`. */
import type { Reason } from './sentences.ts'

export const nationalReasons = {
  'national-block': {
    outcome: 'denied',
    da: {
      clinician: 'Oplysningerne kan ikke videregives.',
      privacyOfficer:
        'Spærring {consent} gælder denne modtager[ efter {rule}], og ingen ophævelse dækker den.',
      citizen: 'Du har spærret[ ({consent})] for, at oplysningerne deles med denne modtager.',
    },
    nb: {
      clinician: 'Opplysningene kan ikke utleveres.',
      privacyOfficer:
        'Sperring {consent} gjelder denne mottakeren[ etter {rule}], og ingen oppheving dekker den.',
      citizen: 'Du har sperret[ ({consent})] for at opplysningene deles med denne mottakeren.',
    },
    en: {
      clinician: 'The information cannot be disclosed.',
      privacyOfficer: 'Block {consent} applies to this recipient[ under {rule}], and nothing lifts it.',
      citizen: 'You have blocked[ ({consent})] sharing the information with this recipient.',
    },
  },
  'event-only': {
    outcome: 'denied',
    da: {
      clinician: 'Loven tillader kun, at I får at vide, at noget er sket.',
      privacyOfficer:
        'Lovhjemlen[ {rule}] dækker kun, at noget er sket: hverken diagnose, tekst eller enhed.',
      citizen: 'Modtageren fik kun at vide, at noget er sket.',
    },
    nb: {
      clinician: 'Loven tillater bare at dere får vite at noe har skjedd.',
      privacyOfficer:
        'Lovhjemmelen[ {rule}] dekker bare at noe har skjedd: verken diagnose, tekst eller enhet.',
      citizen: 'Mottakeren fikk bare vite at noe har skjedd.',
    },
    en: {
      clinician: 'The law lets you know only that something happened.',
      privacyOfficer:
        'The basis[ {rule}] covers only that something happened: no diagnosis, no text, no unit.',
      citizen: 'The recipient was told only that something happened.',
    },
  },
  'patient-view-blocked': {
    outcome: 'denied',
    da: {
      clinician: 'Oplysningerne vises ikke for patienten.',
      privacyOfficer: 'Kilden har mærket oplysningerne, så patientens egen visning er stoppet eller udsat.',
      citizen: 'Oplysningerne vises ikke her nu; spørg der, hvor de er skrevet.',
    },
    nb: {
      clinician: 'Opplysningene vises ikke for pasienten.',
      privacyOfficer:
        'Kilden har merket opplysningene slik at pasientens eget innsyn er stoppet eller utsatt.',
      citizen: 'Opplysningene vises ikke her nå; spør der de er skrevet.',
    },
    en: {
      clinician: 'The information is not shown to the patient.',
      privacyOfficer:
        "The source has marked the information so that the patient's own view is stopped or delayed.",
      citizen: 'The information is not shown here now; ask where it was written.',
    },
  },
  'consent-lapsed': {
    outcome: 'no-consent',
    da: {
      clinician: 'Samtykket er ældre, end loven tillader; bed borgeren om et nyt.',
      privacyOfficer: 'Samtykke {consent} er bortfaldet et år efter, at det blev givet[ ({rule})].',
      citizen: 'Dit samtykke[ ({consent})] er bortfaldet efter et år; du kan give et nyt.',
    },
    nb: {
      clinician: 'Samtykket er eldre enn loven tillater; be pasienten om et nytt.',
      privacyOfficer: 'Samtykke {consent} er bortfalt ett år etter at det ble gitt[ ({rule})].',
      citizen: 'Samtykket ditt[ ({consent})] er bortfalt etter ett år; du kan gi et nytt.',
    },
    en: {
      clinician: 'The consent is older than the law allows; ask the patient for a new one.',
      privacyOfficer: 'Consent {consent} has lapsed, a year after it was given[ ({rule})].',
      citizen: 'Your consent[ ({consent})] has lapsed after a year; you can give a new one.',
    },
  },
  'form-not-written': {
    outcome: 'indeterminate',
    da: {
      clinician: 'Over for denne modtager skal samtykket være skriftligt; indhent et skriftligt samtykke.',
      privacyOfficer:
        'Samtykke {consent} har hverken skriftlig dokumentation eller en begrundelse for at være mundtligt[ ({rule})].',
      citizen: 'Dit samtykke[ ({consent})] skal være skriftligt for at gælde denne modtager.',
    },
    nb: {
      clinician: 'For denne mottakeren må samtykket være skriftlig; innhent et skriftlig samtykke.',
      privacyOfficer:
        'Samtykke {consent} har verken skriftlig dokumentasjon eller en begrunnelse for å være muntlig[ ({rule})].',
      citizen: 'Samtykket ditt[ ({consent})] må være skriftlig for å gjelde denne mottakeren.',
    },
    en: {
      clinician: 'For this recipient the consent must be in writing; obtain it in writing.',
      privacyOfficer:
        'Consent {consent} has neither written evidence nor a reason for being oral[ ({rule})].',
      citizen: 'Your consent[ ({consent})] must be in writing to hold for this recipient.',
    },
  },
  'representative-unverified': {
    outcome: 'indeterminate',
    da: {
      clinician: 'Det er ikke dokumenteret, at den, der samtykkede, kan samtykke for borgeren.',
      privacyOfficer:
        'Samtykke {consent} er givet af en anden end borgeren, og der er ingen dokumentation for, at personen havde ret til det.',
      citizen:
        'En anden har samtykket for dig[ ({consent})], uden at det er dokumenteret, at personen havde ret til det.',
    },
    nb: {
      clinician: 'Det er ikke dokumentert at den som samtykket, kan samtykke for pasienten.',
      privacyOfficer:
        'Samtykke {consent} er gitt av en annen enn pasienten, og det finnes ikke dokumentasjon på at personen hadde rett til det.',
      citizen:
        'En annen har samtykket for deg[ ({consent})] uten at det er dokumentert at personen hadde rett til det.',
    },
    en: {
      clinician: 'It is not documented that whoever consented may do so for the patient.',
      privacyOfficer:
        'Consent {consent} was given by somebody other than the patient, and no proof of authority is known.',
      citizen: 'Somebody else consented for you[ ({consent})], and nothing shows that they were allowed to.',
    },
  },
  'representative-ended': {
    outcome: 'indeterminate',
    da: {
      clinician: 'Den, der samtykkede for borgeren, kan ikke længere gøre det; spørg borgeren selv.',
      privacyOfficer:
        'Den, der gav samtykke {consent}, havde eller har ikke længere ret til at samtykke for borgeren.',
      citizen: 'Den, der samtykkede for dig[ ({consent})], kan ikke længere gøre det; du bestemmer selv.',
    },
    nb: {
      clinician: 'Den som samtykket for pasienten, kan ikke lenger gjøre det; spør pasienten selv.',
      privacyOfficer:
        'Den som ga samtykke {consent}, hadde eller har ikke lenger rett til å samtykke for pasienten.',
      citizen: 'Den som samtykket for deg[ ({consent})], kan ikke lenger gjøre det; du bestemmer selv.',
    },
    en: {
      clinician: 'Whoever consented for the patient no longer may; ask the patient.',
      privacyOfficer:
        'Whoever gave consent {consent} was not, or is no longer, entitled to consent for the patient.',
      citizen: 'Whoever consented for you[ ({consent})] no longer may; it is yours to decide.',
    },
  },
  'performer-too-young': {
    outcome: 'indeterminate',
    da: {
      clinician: 'Borgeren kan ikke selv samtykke endnu; spørg indehaveren af forældremyndigheden.',
      privacyOfficer: 'Samtykke {consent} er givet af et barn under den alder, hvor det selv kan samtykke.',
      citizen: 'Du er endnu ikke gammel nok til at samtykke alene[ ({consent})].',
    },
    nb: {
      clinician: 'Pasienten kan ikke samtykke selv ennå; spør dem som har foreldreansvaret.',
      privacyOfficer: 'Samtykke {consent} er gitt av et barn under den alderen da det selv kan samtykke.',
      citizen: 'Du er ennå ikke gammel nok til å samtykke alene[ ({consent})].',
    },
    en: {
      clinician: 'The patient cannot consent alone yet; ask whoever has custody.',
      privacyOfficer: 'Consent {consent} was given by a child below the age of consent.',
      citizen: 'You are not yet old enough to consent alone[ ({consent})].',
    },
  },
} as const satisfies Record<string, Reason>
