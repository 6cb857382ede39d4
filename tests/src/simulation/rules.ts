import { audit } from '@stockroom/ops/audit/audit'
import type { Facts } from '@stockroom/ops/audit/facts'
import type { Inbox } from '@stockroom/ops/webhook/inbox'
import type { History } from './history.ts'
import { answersAgree } from './rules/answers-agree.ts'
import { clientsAreAnswered, countsAddUp, uploadsAddUp } from './rules/counts-add-up.ts'
import { faultsAreTold } from './rules/faults-are-told.ts'
import { nothingForeign } from './rules/nothing-foreign.ts'
import { secretsStaySecret } from './rules/secrets-stay-secret.ts'
import { webhooksArrive } from './rules/webhooks-arrive.ts'
import type { EndedInvocation, ParkedMessage } from './world.ts'

/** All that is known after a run: what is stored, what receivers saw, and what was asked, answered, logged and parked on the way. */
export interface Evidence {
  readonly facts: Facts
  readonly inboxes: ReadonlyMap<string, Inbox>
  readonly history: History
  /** Everything that was parked at any time. */
  readonly parked: readonly ParkedMessage[]
  readonly logLines: readonly string[]
  readonly invocations: readonly EndedInvocation[]
  /** What the world saw in between. */
  readonly breaches: readonly string[]
  /** What still moved when the system should have come to rest, in words. */
  readonly unrest: string | undefined
}

/** One invariant of RELIABILITY's list, in words, and how evidence breaks it. */
export interface Rule {
  readonly name: string
  readonly breaches: (evidence: Evidence) => readonly string[]
}

export interface Violation {
  readonly rule: string
  readonly breaches: readonly string[]
}

const rules: readonly Rule[] = [
  {
    name: 'I1 I2 no figure is negative and stock is conserved, at every moment',
    breaches: ({ breaches }) => breaches,
  },
  {
    name: 'I12 the system comes to rest',
    breaches: ({ unrest }) => (unrest === undefined ? [] : [unrest]),
  },
  answersAgree,
  clientsAreAnswered,
  countsAddUp,
  uploadsAddUp,
  webhooksArrive,
  nothingForeign,
  secretsStaySecret,
  faultsAreTold,
]

/** Webhooks have their own rule here: endpoints come, go and fail on purpose while events flow. */
const auditOfDeliveries = new Set(['every event was delivered', 'receivers saw all, in order'])

/** Judges a run by every rule; none broken means that all promises held. */
export const judge = (evidence: Evidence): readonly Violation[] => [
  ...rules.flatMap(({ name, breaches }) => {
    const found = breaches(evidence)
    return found.length === 0 ? [] : [{ rule: name, breaches: found }]
  }),
  ...audit(evidence.facts).flatMap(({ promise, breaches }) =>
    breaches.length === 0 || auditOfDeliveries.has(promise) ? [] : [{ rule: `audit: ${promise}`, breaches }],
  ),
]
