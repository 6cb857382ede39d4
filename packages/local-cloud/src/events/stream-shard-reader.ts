import type { DynamoDBRecord } from 'aws-lambda'
import { type Clock, pause } from '../clock.ts'
import type { InvocableFunction } from '../lambda/invocation.ts'
import type { CheckpointStore } from './checkpoint-store.ts'
import type { Matches } from './event-pattern.ts'
import type { EventSourceFact } from './event-source-observer.ts'
import { itemLanes } from './item-lanes.ts'
import {
  deliverStreamBatch,
  type StreamBatchDependencies,
  type StreamRetryPolicy,
} from './stream-batch-delivery.ts'
import type { FailureDestination, StreamFailure } from './stream-failure.ts'
import type { StreamPage, StreamPosition, StreamSource } from './stream-source.ts'
import { WakeSignal } from './wake-signal.ts'

export interface StreamShardSettings extends StreamRetryPolicy {
  readonly name: string
  readonly batchSize: number
  readonly maximumBatchingWindowInSeconds: number
  readonly parallelizationFactor: number
  readonly idlePollMs: number
}

export interface StreamShardDependencies {
  readonly stream: StreamSource
  readonly function: InvocableFunction
  readonly clock: Clock
  readonly stopping: AbortSignal
  readonly checkpoints: CheckpointStore
  readonly onFailure: FailureDestination | undefined
  readonly passes: Matches
  readonly report: (fact: EventSourceFact) => void
}

const readLimit = 1_000
const invocationLimit = 10_000

/** Reads one shard from its checkpoint to its end: collect a batch, deliver it, remember the position. */
export class StreamShardReader {
  readonly #shardId: string
  readonly #settings: StreamShardSettings
  readonly #deps: StreamShardDependencies
  readonly #wakeUp = new WakeSignal()

  constructor(shardId: string, settings: StreamShardSettings, dependencies: StreamShardDependencies) {
    this.#shardId = shardId
    this.#settings = settings
    this.#deps = dependencies
  }

  wake(): void {
    this.#wakeUp.raise()
  }

  /** Resolves when the shard is closed and read to its end, or when the mapping stops. `start` counts without a checkpoint. */
  async run(start: StreamPosition): Promise<void> {
    const { checkpoints, stopping } = this.#deps
    const { name } = this.#settings
    const stored = await this.#insist('load the checkpoint', () => checkpoints.load(name, this.#shardId))
    let position: StreamPosition | undefined = stored ?? start
    while (position !== undefined && !stopping.aborted) {
      const page = await this.#collect(position)
      if (!page) return
      if (!(await this.#deliver(page.records))) return
      const reached = page.next ?? afterLast(page.records)
      if (reached !== undefined) {
        await this.#insist('save the checkpoint', () => checkpoints.save(name, this.#shardId, reached))
      }
      position = page.next
    }
  }

  /** Waits until there is something to deliver or to remember; undefined when the mapping stops. */
  async #collect(from: StreamPosition): Promise<StreamPage | undefined> {
    const { stream, clock, stopping, passes, report } = this.#deps
    const { batchSize, parallelizationFactor, maximumBatchingWindowInSeconds, idlePollMs } = this.#settings
    const limit = Math.min(batchSize * parallelizationFactor, invocationLimit)
    const records: DynamoDBRecord[] = []
    let position = from
    let windowEnd = Number.POSITIVE_INFINITY
    while (!stopping.aborted) {
      const count = Math.min(readLimit, limit - records.length)
      const page = await this.#insist('read the stream', () => stream.read(this.#shardId, position, count))
      if (!page) return undefined
      const passing = page.records.filter(passes)
      const dropped = page.records.length - passing.length
      if (dropped > 0) report({ kind: 'filtered', records: dropped })

      if (records.length === 0 && passing.length > 0) {
        windowEnd = clock.now() + maximumBatchingWindowInSeconds * 1_000
      }
      records.push(...passing)
      const complete = records.length >= limit || clock.now() >= windowEnd || fallsBack(page)
      if (complete || page.next === undefined) return { records, next: page.next }

      const moved = !samePosition(page.next, position)
      position = page.next
      if (moved && records.length === 0) return { records, next: position }
      if (page.records.length === 0) {
        await this.#wakeUp.wait(clock, Math.min(idlePollMs, windowEnd - clock.now()), stopping)
      }
    }
    return undefined
  }

  /** Lanes run at once; the next records are read when all of them are through. False when the mapping stopped before that. */
  async #deliver(records: readonly DynamoDBRecord[]): Promise<boolean> {
    const { batchSize, parallelizationFactor } = this.#settings
    const dependencies: StreamBatchDependencies = {
      ...this.#deps,
      giveUp: (failure) => this.#giveUp(failure),
    }
    const lanes = await Promise.all(
      itemLanes(records, parallelizationFactor).map(async (lane) => {
        for (let start = 0; start < lane.length; start += batchSize) {
          const batch = lane.slice(start, start + batchSize)
          if (!(await deliverStreamBatch(batch, this.#settings, dependencies))) return false
        }
        return true
      }),
    )
    return lanes.every((done) => done)
  }

  async #giveUp(
    failure: Pick<StreamFailure, 'condition' | 'records' | 'invocations' | 'invocation'>,
  ): Promise<void> {
    const { stream, clock, function: target, onFailure, report } = this.#deps
    report({ kind: 'discarded', records: failure.records.length, condition: failure.condition })
    try {
      await onFailure?.accept({
        ...failure,
        mapping: this.#settings.name,
        streamArn: stream.streamArn,
        shardId: this.#shardId,
        functionArn: target.arn,
        at: clock.now(),
      })
    } catch (error) {
      report({ kind: 'trouble', doing: 'send to the on-failure destination', error })
    }
  }

  /** Tries again every second until it works; undefined when the mapping stops first. */
  async #insist<Result>(doing: string, operation: () => Promise<Result>): Promise<Result | undefined> {
    const { clock, stopping, report } = this.#deps
    do {
      try {
        return await operation()
      } catch (error) {
        report({ kind: 'trouble', doing, error })
        await pause(clock, 1_000, stopping)
      }
    } while (!stopping.aborted)
    return undefined
  }
}

const afterLast = (records: readonly DynamoDBRecord[]): StreamPosition | undefined => {
  const after = records.at(-1)?.dynamodb?.SequenceNumber
  return after === undefined ? undefined : { after }
}

const fallsBack = ({ records, next }: StreamPage): boolean => {
  const last = records.at(-1)?.dynamodb?.SequenceNumber
  if (last === undefined || next === undefined) return false
  return typeof next !== 'object' || BigInt(next.after) < BigInt(last)
}

const samePosition = (a: StreamPosition, b: StreamPosition): boolean =>
  typeof a === 'object' && typeof b === 'object' ? a.after === b.after : a === b
