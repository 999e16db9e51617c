/** The least Node that runs TypeScript without a flag or a warning. */
export const GATEWAY_NODE = '24.12.0'

/** Ends the process with one sentence on an older Node: npm brings 24 on linux-x64, elsewhere the outer one is used. */
export function requireNode(found: string, needed: string): void {
  const [major = 0, minor = 0] = found.split('.').map(Number)
  const [neededMajor = 0, neededMinor = 0] = needed.split('.').map(Number)
  if (major > neededMajor || (major === neededMajor && minor >= neededMinor)) return
  process.stderr.write(
    `Sluse needs Node.js ${needed} or newer and runs on ${found}. On Linux x64 \`npm ci\` brings it; elsewhere install it and start again.\n`,
  )
  process.exit(2)
}
