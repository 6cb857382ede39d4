import type { SQSRecord } from 'aws-lambda'
import { type Clock, pause } from '../clock.ts'
import type { InvocableFunction } from '../lambda/invocation.ts'
import { backoffMs } from './backoff.ts'
import { type BatchVerdict, judgeBatch } from './batch-verdict.ts'
import { EventSourceError, requireRange } from './event-source-error.ts'
import type { EventSourceFact, EventSourceObserver } from './event-source-observer.ts'
import { compileQueueFilter, type FilterCriteria } from './filter-criteria.ts'
import type { QueueConsumer } from './queue-transport.ts'
import { sqsRecord } from './sqs-record.ts'

/** An event source mapping of a queue, with CloudFormation's property names in lower camel case. */
export interface SqsEventSourceConfig {
  /** The logical id, for errors and reports. */
  readonly name: string
  /** 1 to 10, for standard queues with a batching window up to 10,000. Default 10. */
  readonly batchSize?: number
  /** 0 to 300. Default 0. Standard queues only. */
  readonly maximumBatchingWindowInSeconds?: number
  /** 2 to 1,000. Without it five, where AWS starts; AWS's growth from there is not emulated. */
  readonly maximumConcurrency?: number
  /** FunctionResponseTypes has ReportBatchItemFailures. */
  readonly reportsBatchItemFailures?: boolean
  readonly filterCriteria?: FilterCriteria
  /** The queue's own setting: how long a throttled batch is tried again before it is left to the queue. */
  readonly visibilityTimeoutSeconds: number
}

export interface SqsEventSourceDependencies {
  readonly queue: QueueConsumer
  readonly function: InvocableFunction
  readonly clock: Clock
  readonly observe: EventSourceObserver
}

const longPollSeconds = 20
const receiveLimit = 10
const initialConcurrency = 5

/**
 * Moves messages of one queue into invocations with Lambda's partition semantics: what the function did not name as failed is
 * deleted, the rest stays invisible until its visibility timeout ends, or until what the function set itself.
 */
export class SqsEventSource {
  readonly #config: Required<Omit<SqsEventSourceConfig, 'filterCriteria'>>
  readonly #passes: (record: SQSRecord) => boolean
  readonly #deps: SqsEventSourceDependencies
  readonly #stopping = new AbortController()
  readonly #running = new Set<Promise<void>>()
  /** A long poll may outlive the batching window that it began in; its messages open the next batch. */
  #poll: Promise<readonly SQSRecord[]> | undefined
  #loop: Promise<void> | undefined

  /** Throws an EventSourceError for settings that AWS refuses. */
  constructor(config: SqsEventSourceConfig, dependencies: SqsEventSourceDependencies) {
    this.#config = {
      batchSize: 10,
      maximumBatchingWindowInSeconds: 0,
      maximumConcurrency: initialConcurrency,
      reportsBatchItemFailures: false,
      ...config,
    }
    this.#passes = compileQueueFilter(config.filterCriteria)
    this.#deps = dependencies
    this.#validate()
  }

  start(): void {
    this.#loop ??= this.#run()
  }

  /** Stops polling and resolves when the running invocations have ended. */
  async close(): Promise<void> {
    this.#stopping.abort()
    await this.#loop
    await Promise.all(this.#running)
  }

  #validate(): void {
    const { name, batchSize, maximumBatchingWindowInSeconds: window, visibilityTimeoutSeconds } = this.#config
    const { queue, function: target } = this.#deps
    const fifo = queue.queueArn.endsWith('.fifo')
    requireRange(name, 'BatchSize', batchSize, 1, fifo ? receiveLimit : 10_000)
    requireRange(name, 'MaximumBatchingWindowInSeconds', window, 0, fifo ? 0 : 300)
    requireRange(name, 'MaximumConcurrency', this.#config.maximumConcurrency, 2, 1_000)
    if (batchSize > receiveLimit && window === 0) {
      throw new EventSourceError(
        name,
        'BatchSize above 10 needs MaximumBatchingWindowInSeconds of at least 1',
      )
    }
    if (visibilityTimeoutSeconds < target.timeoutSeconds) {
      throw new EventSourceError(
        name,
        `Queue visibility timeout: ${visibilityTimeoutSeconds} seconds is less than Function timeout: ${target.timeoutSeconds} seconds`,
      )
    }
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping
    while (!signal.aborted) {
      if (this.#running.size >= this.#config.maximumConcurrency) {
        await Promise.race(this.#running)
        continue
      }
      const batch = await this.#assemble()
      if (batch.length === 0) continue
      const delivery = this.#deliver(batch).finally(() => this.#running.delete(delivery))
      this.#running.add(delivery)
    }
  }

  /** A batch is complete when it is full or when its window, counted from its first message, is over. */
  async #assemble(): Promise<readonly SQSRecord[]> {
    const { batchSize, maximumBatchingWindowInSeconds } = this.#config
    const { clock } = this.#deps
    const batch: SQSRecord[] = []
    const windowClosed = new AbortController()
    let window: Promise<undefined> | undefined
    while (batch.length < batchSize && !this.#stopping.signal.aborted) {
      this.#poll ??= this.#receive(Math.min(receiveLimit, batchSize - batch.length))
      const received = await (window ? Promise.race([this.#poll, window]) : this.#poll)
      if (received === undefined) break
      this.#poll = undefined
      batch.push(...received)
      if (batch.length === 0) continue
      if (maximumBatchingWindowInSeconds === 0) break
      window ??= pause(clock, maximumBatchingWindowInSeconds * 1_000, windowClosed.signal).then(
        () => undefined,
      )
    }
    windowClosed.abort()
    return batch
  }

  /** Never rejects: a poll that failed is reported, waits a second and counts as empty. */
  async #receive(limit: number): Promise<readonly SQSRecord[]> {
    const { queue, clock } = this.#deps
    const { signal } = this.#stopping
    try {
      const messages = await queue.receive(limit, longPollSeconds, signal)
      const records = messages.map((message) => sqsRecord(message, queue.queueArn))
      const passing = records.filter(this.#passes)
      const dropped = records.filter((record) => !passing.includes(record))
      if (dropped.length > 0) {
        this.#report({ kind: 'filtered', records: dropped.length })
        await this.#delete(dropped)
      }
      return passing
    } catch (error) {
      if (signal.aborted) return []
      this.#report({ kind: 'trouble', doing: 'ReceiveMessage', error })
      await pause(clock, 1_000, signal)
      return []
    }
  }

  async #deliver(batch: readonly SQSRecord[]): Promise<void> {
    const verdict = await this.#invoke(batch)
    this.#report({
      kind: 'invoked',
      records: batch.length,
      verdict: verdict.kind,
      ...(verdict.kind === 'failed' && { reason: verdict.reason }),
    })
    switch (verdict.kind) {
      case 'succeeded':
        return this.#delete(batch)
      case 'partial':
        return this.#delete(batch.filter((record) => !verdict.failed.has(record.messageId)))
      case 'failed':
      case 'throttled':
        return
      default:
        verdict satisfies never
    }
  }

  /**
   * A throttled batch keeps its place and is tried again until its visibility timeout ends; then it is dropped, and its receive
   * count is spent although the function never saw it (Lambda developer guide, services-sqs-errorhandling).
   */
  async #invoke(batch: readonly SQSRecord[]): Promise<BatchVerdict> {
    const { clock, function: target } = this.#deps
    const { reportsBatchItemFailures, visibilityTimeoutSeconds } = this.#config
    const identifiers = batch.map((record) => record.messageId)
    const deadline = clock.now() + visibilityTimeoutSeconds * 1_000
    for (let retry = 0; ; retry += 1) {
      const invocation = await target.invoke({ Records: batch })
      const verdict = judgeBatch(invocation, identifiers, reportsBatchItemFailures)
      const wait = backoffMs(retry, 100, 5_000)
      if (verdict.kind !== 'throttled' || clock.now() + wait >= deadline) return verdict
      await pause(clock, wait, this.#stopping.signal)
      if (this.#stopping.signal.aborted) return verdict
    }
  }

  /** A message whose deletion fails comes again: at least once, as on AWS. */
  async #delete(records: readonly SQSRecord[]): Promise<void> {
    for (let start = 0; start < records.length; start += receiveLimit) {
      const handles = records.slice(start, start + receiveLimit).map((record) => record.receiptHandle)
      try {
        await this.#deps.queue.delete(handles)
      } catch (error) {
        this.#report({ kind: 'trouble', doing: 'DeleteMessageBatch', error })
      }
    }
  }

  #report(fact: EventSourceFact): void {
    const { queue, function: target, observe } = this.#deps
    observe(fact, { name: this.#config.name, source: queue.queueArn, target: target.name })
  }
}
