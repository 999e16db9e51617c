import { organizationEntryOfFlags, type OrganizationFlags } from './org-entry-of-flags.ts'
import { putOrganizations } from './registry/put-organizations.ts'
import { placeOfFlag } from './registry/registry-file.ts'
import { entriesOf, type RegistryIo, runChange } from './registry/run.ts'

/** `sluse org add`: registering the same again changes nothing, so that a file can be run again after a half day's work. */
export async function addOrganizations(io: RegistryIo, flags: OrganizationFlags): Promise<void> {
  await runChange(io, flags, async (registering) => {
    const entries =
      flags.file === undefined
        ? [{ entry: organizationEntryOfFlags(flags), place: placeOfFlag }]
        : entriesOf(flags.file, 'organizations')
    const told = await putOrganizations(registering, entries, 'add')
    return {
      ...told,
      lines: [
        ...told.lines,
        'next: register the systems that act for it: sluse client add ID --organization <id or scheme:number> …',
      ],
    }
  })
}
