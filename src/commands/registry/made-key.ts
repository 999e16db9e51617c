/** A key that a command makes for who asked, for as long as the command succeeds. */
import { makeKeyFile, type MadeKey } from './key-file.ts'

/** The file goes again when the registration fails, and after a dry run: a key that nobody registered opens nothing. */
export async function withMadeKey<T>(
  { generateKey, dryRun }: { readonly generateKey?: string; readonly dryRun?: true },
  work: (made: MadeKey | undefined) => Promise<T>,
): Promise<T> {
  const made = generateKey === undefined ? undefined : makeKeyFile(generateKey)
  try {
    const result = await work(made)
    if (dryRun) made?.discard()
    return result
  } catch (error) {
    made?.discard()
    throw error
  }
}

export function keyLine(file: string | undefined): string {
  return `its private key is in ${file}: bring it to the system on a safe way, then remove the file; no other copy is kept`
}
