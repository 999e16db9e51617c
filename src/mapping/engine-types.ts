import { getAllDataTypes } from '@medplum/core'

/** StructureMap.group.rule.target.parameter, by the engine's name for it. https://hl7.org/fhir/R4/structuremap.html */
const PARAMETER = 'StructureMapGroupRuleTargetParameter'
const VALUE = 'StructureMap.group.rule.target.parameter.value[x]'

/**
 * Tells the engine the type of a transform's parameter. Without it the engine finds each parameter's value by trying
 * the name of every FHIR type, which takes four fifths of its time. The whole of StructureMap is not indexed, since
 * what is indexed is accepted as a contained resource.
 */
export function indexEngineTypes(): void {
  getAllDataTypes()[PARAMETER] ??= {
    name: PARAMETER,
    type: PARAMETER,
    path: 'StructureMap.group.rule.target.parameter',
    elements: {
      'value[x]': {
        description: '',
        path: VALUE,
        min: 1,
        max: 1,
        type: ['id', 'string', 'boolean', 'integer', 'decimal'].map((code) => ({ code })),
      },
    },
    innerTypes: [],
  }
}
