/** A dry run of the way in: parse, map, validate, label. */
import { sectorRoutes } from '#adapters/sector-routes.ts'
import { readLabelRules } from '#assets/codes.ts'
import { readMappings } from '#assets/mappings.ts'
import { readProfiles } from '#assets/profiles.ts'
import { GatewayError, toOperationOutcome } from '#fhir/gateway-error.ts'
import { createValidator } from '#fhir/validate.ts'
import { prepare } from '#intake/prepare.ts'
import { inContext } from '#label/in-context.ts'
import { withSecurityMeta } from '#label/security-meta.ts'
import { compileMaps } from '#mapping/compile.ts'
import { transform } from '#mapping/transform.ts'
import { sandboxOrganizations } from '#sandbox/identities.ts'
import { sensitiveUnitsOf } from '#store/organizations.ts'

const ROOT = new URL('../../', import.meta.url)

/** Ids are not known before a record is stored. */
const UNKNOWN = '00000000-0000-4000-8000-000000000000'

export function mapMessage(format: string, bytes: Uint8Array): string {
  const route = sectorRoutes.find(({ path }) => path.endsWith(`/${format}`))
  if (!route)
    throw new Error(
      `there is no format ${format}; there are ${sectorRoutes.map(({ path }) => path.split('/').at(-1)).join(', ')}`,
    )
  const validator = createValidator(readProfiles(ROOT))
  const maps = compileMaps(readMappings(new URL('mappings/', ROOT)))
  const labelRules = readLabelRules(ROOT)
  const sensitiveUnits = sensitiveUnitsOf(Object.values(sandboxOrganizations))
  try {
    const message = route.parse(bytes)
    const resources = message.entries.map(({ map, record, fields }) => {
      const resource = transform(maps, map, record, fields)
      const organization = sandboxOrganizations[route.sector]
      const { content, labels: own } = prepare(
        { validator, labelRules },
        resource,
        { subjectId: UNKNOWN, id: UNKNOWN, versionId: UNKNOWN },
        { organization },
      )
      const custodianSensitivities = organization.sensitivities
      const labels = inContext(own, content.resourceType, { custodianSensitivities, sensitiveUnits })
      return { resource: withSecurityMeta(content, labels), labels }
    })
    return JSON.stringify(
      { format: message.format, message: message.messageId, resources, warnings: message.warnings },
      null,
      2,
    )
  } catch (error) {
    if (error instanceof GatewayError) return JSON.stringify(toOperationOutcome(error), null, 2)
    throw error
  }
}
