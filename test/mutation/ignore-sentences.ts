/**
 * Sentences for people are data that test/consent/reason.test.ts reads: each exists in every language for every reader, and tells
 * nobody what was withheld. No logic hangs on a word of them.
 */

interface Path {
  readonly parent?: { readonly type: string; readonly key?: { readonly name?: string } }
}

const LANGUAGES_AND_READERS: ReadonlySet<string | undefined> = new Set([
  'da',
  'nb',
  'en',
  'clinician',
  'privacyOfficer',
  'citizen',
])

export const strykerPlugins = [
  {
    kind: 'Ignore',
    name: 'sentences',
    value: {
      shouldIgnore({ parent }: Path): string | undefined {
        const isSentence = parent?.type === 'ObjectProperty' && LANGUAGES_AND_READERS.has(parent.key?.name)
        return isSentence ? 'a sentence for people' : undefined
      },
    },
  },
]
