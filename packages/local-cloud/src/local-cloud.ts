import type { CallRecorder } from './gateway/call-recorder.ts'
import type { Interceptor } from './gateway/interceptor.ts'
import type { operatorCredentials } from './gateway/principals.ts'
import type { Invocation } from './lambda/invocation.ts'
import type { LogStore } from './lambda/log-store.ts'
import type { FunctionRuntime } from './lambda/start-function.ts'
import type { TokenIssuer } from './token-issuer/token-issuer.ts'

/** Where a run listens, all on 127.0.0.1. */
export interface LocalCloudAddresses {
  readonly dynamodb: string
  readonly sqs: string
  readonly s3: string
  /** The token issuer: what a JWT authorizer's `iss` must be. */
  readonly issuer: string
}

export interface LocalTable {
  readonly logicalId: string
  readonly name: string
  readonly hasStream: boolean
}

export interface LocalQueue {
  readonly logicalId: string
  readonly name: string
  readonly url: string
  readonly arn: string
  readonly fifo: boolean
  /** The name of the queue that takes what this one gives up. */
  readonly deadLetterQueue?: string
  readonly maxReceiveCount?: number
}

export interface LocalNamed {
  readonly logicalId: string
  readonly name: string
}

export interface LocalHttpApi {
  readonly logicalId: string
  readonly apiId: string
  /** With the stage, when it has a name of its own. */
  readonly url: string
}

/** What the template made, for consoles, audits and tests. */
export interface LocalResources {
  readonly tables: readonly LocalTable[]
  readonly queues: readonly LocalQueue[]
  readonly buckets: readonly LocalNamed[]
  readonly functions: readonly LocalNamed[]
  readonly schedules: readonly (LocalNamed & { readonly expression: string })[]
  readonly httpApis: readonly LocalHttpApi[]
}

/** Resources are found by physical name, logical id, or the start of a logical id that no other has. */
export interface LocalCloud {
  /** Resolved outputs by stack and name. */
  readonly outputs: Readonly<Record<string, Readonly<Record<string, string>>>>
  readonly region: string
  readonly endpoints: LocalCloudAddresses & { readonly kms: string; readonly lambda: string }
  /** May do everything; spread into the configuration of an SDK client. */
  readonly operator: typeof operatorCredentials
  readonly resources: LocalResources
  readonly functions: { get(name: string): FunctionRuntime }
  readonly schedules: {
    /** Runs a schedule now, as if due at `scheduledAt` (milliseconds since the epoch); resolves with its invocations. */
    trigger(name: string, scheduledAt?: number): Promise<readonly Invocation[]>
  }
  readonly issueToken: TokenIssuer['issueToken']
  readonly logs: Pick<LogStore, 'tail' | 'subscribe'>
  readonly calls: Pick<CallRecorder, 'recent' | 'counts' | 'subscribe'>
  /** Puts an interceptor between functions and services; the returned function takes it away. */
  intercept(interceptor: Interceptor): () => void
  /** `kill -9` of all execution environments of a function. */
  killFunction(name: string): void
  /** Deletes expired items now, and returns how many; every ten minutes it happens by itself. */
  sweepTimeToLive(): Promise<number>
  /** Rejects when a part that cannot be restarted ends by itself; pending until then. */
  readonly failed: Promise<never>
  /** Ends everything in order and waits for it. Running invocations are cut. */
  close(): Promise<void>
}
