import type { ApiClient } from '../api-client.ts'
import type { Receiver } from '../webhook/receiver.ts'

/** Where a demo or replay runs: the local cloud here, a deployed stage elsewhere. */
export interface DemoTarget {
  /** The API as `merchant` with every scope. */
  api(merchant: string): ApiClient
  /** Runs a scheduled job as if it had been due at `scheduledAt`. Rejects when the job fails. */
  runJob(job: 'expire-orders' | 'sweep-outbox' | 'report-sales', scheduledAt: Date): Promise<void>
  readonly receiver: Receiver
}
