import type { Clock } from '../clock.ts'
import type { InvocableFunction } from '../lambda/invocation.ts'
import { type CheckpointStore, InMemoryCheckpointStore } from './checkpoint-store.ts'
import { EventSourceError, requireRange } from './event-source-error.ts'
import type { EventSourceFact, EventSourceObserver } from './event-source-observer.ts'
import { compileStreamFilter, type FilterCriteria } from './filter-criteria.ts'
import type { StreamRetryPolicy } from './stream-batch-delivery.ts'
import type { FailureDestination } from './stream-failure.ts'
import {
  type StreamShardDependencies,
  StreamShardReader,
  type StreamShardSettings,
} from './stream-shard-reader.ts'
import type { ShardDescription, StreamSource } from './stream-source.ts'
import { WakeSignal } from './wake-signal.ts'

/** An event source mapping of a DynamoDB stream, with CloudFormation's property names in lower camel case. */
export interface StreamEventSourceConfig extends Partial<StreamRetryPolicy> {
  /** The logical id: names the mapping in errors, reports, checkpoints and failure keys, where AWS has the mapping's UUID. */
  readonly name: string
  /** `TRIM_HORIZON` or `LATEST`; DynamoDB streams have no `AT_TIMESTAMP`. */
  readonly startingPosition: string
  /** 1 to 10,000. Default 100. */
  readonly batchSize?: number
  /** 0 to 300. Default 0. */
  readonly maximumBatchingWindowInSeconds?: number
  /** 1 to 10: batches of one shard at once; the records of one item stay in order. Default 1. */
  readonly parallelizationFactor?: number
  /** Tumbling windows are not emulated: refused unless 0. */
  readonly tumblingWindowInSeconds?: number
  readonly filterCriteria?: FilterCriteria
  /**
   * The longest that an idle shard waits for {@link StreamEventSource.wake}. Default 25 ms; AWS polls four times a second. New shards are
   * looked for as often, but not more than once a second, and whenever one ends.
   */
  readonly idlePollMs?: number
}

export interface StreamEventSourceDependencies {
  readonly stream: StreamSource
  readonly function: InvocableFunction
  readonly clock: Clock
  readonly observe: EventSourceObserver
  readonly onFailure?: FailureDestination
  /** Default: in memory. */
  readonly checkpoints?: CheckpointStore
}

const shortestDiscoveryMs = 1_000

/**
 * Moves the records of every shard into invocations, in order, and never past a failed record before it is given up.
 * A child shard is read when its parent has been read to its end.
 */
export class StreamEventSource {
  readonly #settings: StreamShardSettings
  readonly #startingPosition: 'TRIM_HORIZON' | 'LATEST'
  readonly #stream: StreamSource
  readonly #clock: Clock
  readonly #shardDependencies: StreamShardDependencies
  readonly #stopping = new AbortController()
  readonly #readers = new Map<string, StreamShardReader>()
  readonly #shardsChanged = new WakeSignal()
  #loop: Promise<void> | undefined

  /** Throws an EventSourceError for settings that AWS refuses or that are not emulated. */
  constructor(config: StreamEventSourceConfig, dependencies: StreamEventSourceDependencies) {
    const { stream, clock, function: target, observe, onFailure, checkpoints } = dependencies
    this.#startingPosition = checkedStart(config)
    this.#settings = {
      batchSize: 100,
      maximumBatchingWindowInSeconds: 0,
      parallelizationFactor: 1,
      maximumRetryAttempts: -1,
      maximumRecordAgeInSeconds: -1,
      bisectBatchOnFunctionError: false,
      reportsBatchItemFailures: false,
      idlePollMs: 25,
      ...config,
    }
    requireValid(this.#settings)
    this.#stream = stream
    this.#clock = clock
    const name = { name: config.name, source: stream.streamArn, target: target.name }
    this.#shardDependencies = {
      stream,
      clock,
      function: target,
      onFailure,
      checkpoints: checkpoints ?? new InMemoryCheckpointStore(),
      stopping: this.#stopping.signal,
      passes: compileStreamFilter(config.filterCriteria),
      report: (fact: EventSourceFact) => observe(fact, name),
    }
  }

  start(): void {
    this.#loop ??= this.#run()
  }

  /** Tells that the stream may have new records, so that idle shards read at once. */
  wake(): void {
    if (this.#readers.size === 0) this.#shardsChanged.raise()
    for (const reader of this.#readers.values()) reader.wake()
  }

  /** Stops reading and retrying; resolves when the running invocations have ended. A new mapping goes on at the checkpoints. */
  async close(): Promise<void> {
    this.#stopping.abort()
    await this.#loop
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping
    const running = new Set<Promise<void>>()
    const ended = new Set<string>()
    let initial: ReadonlySet<string> | undefined
    while (!signal.aborted) {
      const shards = await this.#listShards()
      const present = new Set(shards?.map(({ shardId }) => shardId))
      // A shard that appears later is a child: all its records are newer than the mapping.
      if (shards) initial ??= present
      for (const { shardId, parentShardId } of shards ?? []) {
        const parentOpen =
          parentShardId !== undefined && present.has(parentShardId) && !ended.has(parentShardId)
        if (parentOpen || this.#readers.has(shardId) || ended.has(shardId)) continue
        const reader = new StreamShardReader(shardId, this.#settings, this.#shardDependencies)
        this.#readers.set(shardId, reader)
        const run = reader.run(initial?.has(shardId) ? this.#startingPosition : 'TRIM_HORIZON').then(() => {
          this.#readers.delete(shardId)
          running.delete(run)
          ended.add(shardId)
          this.#shardsChanged.raise()
        })
        running.add(run)
      }
      const discoveryMs = Math.max(shortestDiscoveryMs, this.#settings.idlePollMs)
      await this.#shardsChanged.wait(this.#clock, discoveryMs, signal)
    }
    await Promise.all(running)
  }

  /** A listing that fails is reported and tried again with the next round. */
  async #listShards(): Promise<readonly ShardDescription[] | undefined> {
    try {
      return await this.#stream.shards()
    } catch (error) {
      this.#shardDependencies.report({ kind: 'trouble', doing: 'list the shards', error })
      return undefined
    }
  }
}

const checkedStart = ({ name, startingPosition, tumblingWindowInSeconds = 0 }: StreamEventSourceConfig) => {
  if (tumblingWindowInSeconds !== 0)
    throw new EventSourceError(name, 'TumblingWindowInSeconds is not emulated')
  if (startingPosition === 'TRIM_HORIZON' || startingPosition === 'LATEST') return startingPosition
  throw new EventSourceError(
    name,
    `StartingPosition ${startingPosition} is not supported for DynamoDB streams`,
  )
}

const requireValid = (settings: StreamShardSettings): void => {
  const { name, maximumRecordAgeInSeconds } = settings
  requireRange(name, 'BatchSize', settings.batchSize, 1, 10_000)
  requireRange(name, 'MaximumBatchingWindowInSeconds', settings.maximumBatchingWindowInSeconds, 0, 300)
  requireRange(name, 'ParallelizationFactor', settings.parallelizationFactor, 1, 10)
  requireRange(name, 'MaximumRetryAttempts', settings.maximumRetryAttempts, -1, 10_000)
  if (maximumRecordAgeInSeconds !== -1) {
    requireRange(name, 'MaximumRecordAgeInSeconds', maximumRecordAgeInSeconds, 60, 604_800)
  }
}
