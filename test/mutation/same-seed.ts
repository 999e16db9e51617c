/** Properties draw the same few values in each run: a mutant is killed or it survives, and not by luck. */
import fc from 'fast-check'

fc.configureGlobal({ seed: 20_261_121, numRuns: 40 })
