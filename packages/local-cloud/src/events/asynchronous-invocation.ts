import { randomUUID } from 'node:crypto'
import { type Clock, pause } from '../clock.ts'
import type { InvocableFunction, Invocation } from '../lambda/invocation.ts'
import { backoffMs } from './backoff.ts'
import { requireRange } from './event-source-error.ts'
import type { EventSourceFact, EventSourceObserver } from './event-source-observer.ts'
import type { QueueProducer } from './queue-transport.ts'

/** A function's `AWS::Lambda::EventInvokeConfig` and DeadLetterConfig. */
export interface AsynchronousInvocationConfig {
  /** 0 to 2. Default 2. */
  readonly maximumRetryAttempts?: number
  /** 60 to 21,600. Default 21,600 (six hours). */
  readonly maximumEventAgeInSeconds?: number
  /** Only queues are emulated as destinations. */
  readonly onSuccess?: QueueProducer
  readonly onFailure?: QueueProducer
  readonly deadLetterQueue?: QueueProducer
  /** Waits before the first and the second retry after a function error. Default one minute and two minutes, as on AWS. */
  readonly retryDelaysMs?: readonly [number, number]
}

export interface AsynchronousInvocationDependencies {
  readonly function: InvocableFunction
  readonly clock: Clock
  readonly observe: EventSourceObserver
}

export interface AcceptedEvent {
  /** Every invocation that came of the event, the last one being the result. Never rejects. */
  readonly finished: Promise<readonly Invocation[]>
}

/**
 * Lambda's event queue in front of one function: function errors are retried twice, throttles until the event is too old; then the
 * event goes to the on-failure destination and the dead-letter queue (Lambda developer guide, invocation-async-error-handling).
 */
export class AsynchronousInvocation {
  readonly #config
  readonly #deps: AsynchronousInvocationDependencies
  readonly #stopping = new AbortController()
  readonly #running = new Set<Promise<unknown>>()

  constructor(config: AsynchronousInvocationConfig, dependencies: AsynchronousInvocationDependencies) {
    this.#config = {
      maximumRetryAttempts: 2,
      maximumEventAgeInSeconds: 21_600,
      retryDelaysMs: [60_000, 120_000] as const,
      ...config,
    }
    this.#deps = dependencies
    const name = dependencies.function.name
    requireRange(name, 'MaximumRetryAttempts', this.#config.maximumRetryAttempts, 0, 2)
    requireRange(name, 'MaximumEventAgeInSeconds', this.#config.maximumEventAgeInSeconds, 60, 21_600)
  }

  get arn(): string {
    return this.#deps.function.arn
  }

  /** Takes an event as an `Invoke` of type `Event` does: resolves when it is queued, long before it is done with. */
  async accept(event: unknown): Promise<AcceptedEvent> {
    const finished = this.#run(event).finally(() => this.#running.delete(finished))
    this.#running.add(finished)
    return { finished }
  }

  /** Ends the retries; resolves when no invocation is under way. */
  async close(): Promise<void> {
    this.#stopping.abort()
    await Promise.all(this.#running)
  }

  async #run(event: unknown): Promise<readonly Invocation[]> {
    const { clock, function: target } = this.#deps
    const { maximumRetryAttempts, maximumEventAgeInSeconds, retryDelaysMs, onSuccess } = this.#config
    const { signal } = this.#stopping
    const invocations: Invocation[] = []
    const expiry = clock.now() + maximumEventAgeInSeconds * 1_000
    let errors = 0
    for (let throttles = 0; ; ) {
      const invocation = await target.invoke(event)
      invocations.push(invocation)
      this.#report({ kind: 'invoked', records: 1, verdict: invocation.outcome })
      if (invocation.outcome === 'succeeded') {
        await this.#send(onSuccess, () => invocationRecord('Success', target, clock, event, invocations))
        return invocations
      }
      if (invocation.outcome === 'failed' && errors >= maximumRetryAttempts) {
        await this.#giveUp('RetriesExhausted', event, invocations)
        return invocations
      }
      const wait =
        invocation.outcome === 'throttled'
          ? backoffMs(throttles, 1_000, 300_000)
          : (retryDelaysMs[errors] ?? 0)
      if (invocation.outcome === 'throttled') throttles += 1
      else errors += 1
      if (clock.now() + wait > expiry) {
        await this.#giveUp('EventAgeExceeded', event, invocations)
        return invocations
      }
      await pause(clock, wait, signal)
      if (signal.aborted) return invocations
    }
  }

  async #giveUp(condition: string, event: unknown, invocations: readonly Invocation[]): Promise<void> {
    const { clock, function: target } = this.#deps
    const { onFailure, deadLetterQueue } = this.#config
    this.#report({ kind: 'discarded', records: 1, condition })
    await this.#send(onFailure, () => invocationRecord(condition, target, clock, event, invocations))
    await this.#send(deadLetterQueue, () => JSON.stringify(event))
  }

  /** A destination that refuses the record is reported; Lambda drops the record, too. */
  async #send(queue: QueueProducer | undefined, body: () => string): Promise<void> {
    try {
      await queue?.send({ body: body() })
    } catch (error) {
      this.#report({ kind: 'trouble', doing: `send to ${queue?.queueArn}`, error })
    }
  }

  #report(fact: EventSourceFact): void {
    const { observe, function: target } = this.#deps
    observe(fact, { name: target.name, source: 'asynchronous invocation', target: target.name })
  }
}

const invocationRecord = (
  condition: string,
  target: InvocableFunction,
  clock: Clock,
  event: unknown,
  invocations: readonly Invocation[],
): string => {
  const last = invocations.at(-1)
  return JSON.stringify({
    version: '1.0',
    timestamp: new Date(clock.now()).toISOString(),
    requestContext: {
      requestId: randomUUID(),
      functionArn: `${target.arn}:$LATEST`,
      condition,
      approximateInvokeCount: invocations.filter(({ outcome }) => outcome !== 'throttled').length,
    },
    requestPayload: event,
    ...(last &&
      last.outcome !== 'throttled' && {
        responseContext: {
          statusCode: 200,
          executedVersion: '$LATEST',
          ...(last.outcome === 'failed' && { functionError: 'Unhandled' }),
        },
        responsePayload: last.payload,
      }),
  })
}
