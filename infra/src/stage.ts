import { RemovalPolicy } from 'aws-cdk-lib'
import { RetentionDays } from 'aws-cdk-lib/aws-logs'

/** Where production differs from everything else. */
export interface Stage {
  readonly name: string
  /** What happens to tables, buckets, keys and log groups when the stack is deleted. */
  readonly removalPolicy: RemovalPolicy
  readonly deletionProtection: boolean
  readonly pointInTimeRecovery: boolean
  readonly logRetention: RetentionDays
  /** Requests of one merchant: in the long run, and at once. The defaults of the stack's parameters. */
  readonly rateLimit: { readonly perSecond: number; readonly burst: number }
  /** How many invocations each queue may have at once; at least 2, says Lambda. */
  readonly concurrency: {
    readonly planUpload: number
    readonly importChunk: number
    readonly fanOutEvent: number
    readonly deliverWebhook: number
  }
}

/** A sandbox goes with its stacks (buckets must be emptied first); `production` keeps its data whatever is deleted. @throws RangeError for a name that cannot be part of a stack's name. */
export const stageOf = (name: string): Stage => {
  if (!/^[a-z][a-z0-9-]{0,19}$/.test(name))
    throw new RangeError(
      `stage "${name}": use 1 to 20 lower-case letters, digits and hyphens, a letter first`,
    )
  const production = name === 'production'
  return {
    name,
    removalPolicy: production ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
    deletionProtection: production,
    pointInTimeRecovery: production,
    concurrency: production
      ? { planUpload: 5, importChunk: 10, fanOutEvent: 10, deliverWebhook: 50 }
      : // A new account may run ten invocations in all (Lambda guide, "gettingstarted-limits"), and the API needs its share.
        { planUpload: 2, importChunk: 2, fanOutEvent: 2, deliverWebhook: 2 },
    rateLimit: { perSecond: 100, burst: 200 },
    logRetention: production ? RetentionDays.THREE_MONTHS : RetentionDays.ONE_WEEK,
  }
}
