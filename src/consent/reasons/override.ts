/** Reasons to release what no consent covers: broken glass, or a law. Each is audited, and reviewed where a person decided. `{consent}` is filled in by `explain()`. */
import type { Reason } from './sentences.ts'

export const overrideReasons = {
  'permitted-by-break-glass-consent': {
    outcome: 'permit',
    da: {
      clinician: 'Borgeren har på forhånd sagt ja til adgang i en nødsituation; opslaget bliver gennemgået.',
      privacyOfficer: 'Samtykke {consent} tillader udtrykkeligt nødadgang; opslaget skal gennemgås.',
      citizen:
        'Dit samtykke[ ({consent})] tillader adgang i en nødsituation, og den blev brugt; opslaget bliver gennemgået.',
    },
    nb: {
      clinician:
        'Pasienten har på forhånd sagt ja til tilgang i en nødsituasjon; oppslaget blir gjennomgått.',
      privacyOfficer: 'Samtykke {consent} tillater uttrykkelig nødtilgang; oppslaget skal gjennomgås.',
      citizen:
        'Samtykket ditt[ ({consent})] tillater tilgang i en nødsituasjon, og den ble brukt; oppslaget blir gjennomgått.',
    },
    en: {
      clinician: 'The patient agreed beforehand to access in an emergency; the access will be reviewed.',
      privacyOfficer: 'Consent {consent} names emergency access; the access must be reviewed.',
      citizen:
        'Your consent[ ({consent})] allows access in an emergency, and it was used; the access will be reviewed.',
    },
  },
  'permitted-by-override': {
    outcome: 'permit',
    da: {
      clinician: 'Adgangen er givet som nødadgang med jeres begrundelse; opslaget bliver gennemgået.',
      privacyOfficer:
        'Intet samtykke dækker; en bemyndiget person brugte nødadgang med en angivet grund; opslaget skal gennemgås.',
      citizen:
        'Oplysninger om dig blev åbnet som nødadgang uden dit samtykke; opslaget bliver gennemgået, og du kan få at vide af hvem og hvorfor.',
    },
    nb: {
      clinician: 'Tilgangen er gitt som nødtilgang med deres begrunnelse; oppslaget blir gjennomgått.',
      privacyOfficer:
        'Ikke noe samtykke dekker; en bemyndiget person brukte nødtilgang med en angitt grunn; oppslaget skal gjennomgås.',
      citizen:
        'Opplysninger om deg ble åpnet som nødtilgang uten ditt samtykke; oppslaget blir gjennomgått, og du kan få vite av hvem og hvorfor.',
    },
    en: {
      clinician: 'Access was given as an emergency override on your grounds; it will be reviewed.',
      privacyOfficer:
        'No consent covers it; a person entitled to do so overrode that on a stated ground; the access must be reviewed.',
      citizen:
        'Information about you was opened in an emergency without your consent; the access will be reviewed, and you can ask by whom and why.',
    },
  },
  'permitted-by-law': {
    outcome: 'permit',
    da: {
      clinician: 'Loven tillader, at I får oplysningerne uden samtykke.',
      privacyOfficer:
        'Intet samtykke dækker; oplysningerne er videregivet med den angivne lovhjemmel[ ({rule})].',
      citizen: 'Oplysningerne blev delt uden samtykke, fordi en lov tillader det; du kan få at vide hvilken.',
    },
    nb: {
      clinician: 'Loven tillater at dere får opplysningene uten samtykke.',
      privacyOfficer:
        'Ikke noe samtykke dekker; opplysningene er utlevert med den oppgitte lovhjemmelen[ ({rule})].',
      citizen: 'Opplysningene ble delt uten samtykke fordi en lov tillater det; du kan få vite hvilken.',
    },
    en: {
      clinician: 'The law permits your receiving the information without consent.',
      privacyOfficer:
        'No consent covers it; the information was disclosed on the legal basis that the request names[ ({rule})].',
      citizen: 'The information was shared without consent because a law permits it; you can ask which one.',
    },
  },
} as const satisfies Record<string, Reason>
