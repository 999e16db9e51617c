/** Sentences for people are data that other tests read (their languages, their silence about what was withheld); no logic hangs on a word. */

interface Path {
  readonly node: { readonly type: string }
  readonly parentPath: Path | null
  readonly parent?: { readonly type: string; readonly key?: { readonly name?: string } }
}

const READERS: ReadonlySet<string | undefined> = new Set(['clinician', 'privacyOfficer', 'citizen'])

export const strykerPlugins = [
  {
    kind: 'Ignore',
    name: 'sentences',
    value: {
      shouldIgnore({ node, parent }: Path): string | undefined {
        const isText = node.type === 'StringLiteral' || node.type === 'TemplateLiteral'
        const isSentence = isText && parent?.type === 'ObjectProperty' && READERS.has(parent.key?.name)
        return isSentence ? 'a sentence for people' : undefined
      },
    },
  },
]
