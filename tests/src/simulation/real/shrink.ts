import { arbitraryCommands, type Command, realScale } from '../command.ts'
import type { RealRun, RealTier, RealVerdict } from './real-tier.ts'

export interface Shrunk {
  readonly commands: readonly Command[]
  readonly verdict: RealVerdict
  /** How many shorter lists were tried. */
  readonly tries: number
}

/**
 * Looks for a shorter list of commands that breaks a rule too, by fast-check's own candidates, until the tries or the time are used up. A real run is not
 * deterministic: a candidate that breaks nothing may break something the next time, so what comes out is short and not the shortest.
 */
export const shrinkRun = async (
  tier: RealTier,
  failed: RealRun,
  verdict: RealVerdict,
  {
    mostTries,
    deadline,
    atOnce,
  }: { readonly mostTries: number; readonly deadline: number; readonly atOnce: number },
): Promise<Shrunk> => {
  const arbitrary = arbitraryCommands(realScale, failed.commands.length)
  let best: Shrunk = { commands: failed.commands, verdict, tries: 0 }
  let tries = 0
  search: while (best.commands.length > 1) {
    const candidates = arbitrary.shrink([...best.commands], undefined)[Symbol.iterator]()
    for (;;) {
      const batch: (readonly Command[])[] = []
      while (batch.length < atOnce) {
        const { value, done } = candidates.next()
        if (done === true) break
        if (value.value.length > 0) batch.push(value.value)
      }
      if (batch.length === 0 || tries >= mostTries || Date.now() > deadline) break search
      tries += batch.length
      const verdicts = await Promise.all(batch.map((commands) => tier.run({ ...failed, commands })))
      const index = verdicts.findIndex(({ violations }) => violations.length > 0)
      const [commands, found] = [batch[index], verdicts[index]]
      if (commands === undefined || found === undefined) continue
      best = { commands, verdict: found, tries }
      break
    }
  }
  return { ...best, tries }
}
