import { setTimeout as pause } from 'node:timers/promises'
import { type Receiver, startReceiver } from '@stockroom/ops/webhook/receiver'
import type { Mood } from '../command.ts'

export interface MoodyReceiver extends Receiver {
  setMood(inbox: string, mood: Mood): void
  /** From here on all inboxes are well. */
  calm(): void
}

/**
 * Failures of an inbox, in all. Real waits forbid more: an event that is turned away waits for five seconds the first time, for five minutes the second,
 * and five failures in a row close an endpoint for a minute.
 */
const mostFailures = 4
const slowMilliseconds = 700

/**
 * A receiver whose inboxes have moods: `failing` turns the first attempt of each event away, `slow` takes its time. An inbox that does not know its secret
 * yet answers when it does: its client asks again until it is told.
 */
export const startMoodyReceiver = async (): Promise<MoodyReceiver> => {
  const moods = new Map<string, Mood>()
  const failures = new Map<string, number>()
  const trusted = new Map<string, PromiseWithResolvers<void>>()
  const trustOf = (inbox: string): PromiseWithResolvers<void> => {
    const trust = trusted.get(inbox) ?? Promise.withResolvers<void>()
    trusted.set(inbox, trust)
    return trust
  }
  const receiver = await startReceiver({
    turnAway: (_, times, inbox) => {
      const failed = failures.get(inbox) ?? 0
      if (moods.get(inbox) !== 'failing' || times > 0 || failed === mostFailures) return false
      failures.set(inbox, failed + 1)
      return true
    },
    hold: async (inbox) => {
      await trustOf(inbox).promise
      if (moods.get(inbox) === 'slow') await pause(slowMilliseconds)
    },
  })
  return {
    ...receiver,
    trust: (inbox, secret) => {
      receiver.trust(inbox, secret)
      trustOf(inbox).resolve()
    },
    setMood: (inbox, mood) => {
      moods.set(inbox, mood)
    },
    calm: () => moods.clear(),
  }
}
