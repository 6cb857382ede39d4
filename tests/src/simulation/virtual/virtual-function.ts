import { InvokeStore } from '@aws/lambda-invoke-store'
import type { Entry } from '@stockroom/lambda/function-stack'
import type { InvocableFunction, Invocation } from '@stockroom/local-cloud/lambda/invocation'
import type { Context } from 'aws-lambda'
import type { EndedInvocation } from '../world.ts'
import { type EnvironmentOptions, ExecutionEnvironment } from './execution-environment.ts'

export interface VirtualFunctionConfig<E, R> {
  readonly name: string
  readonly timeoutSeconds: number
  /** What the handler file does at module scope: builds adapters and use case for one environment. */
  readonly compose: (environment: ExecutionEnvironment) => Entry<E, R>
}

export interface VirtualFunctionOptions extends Omit<EnvironmentOptions, 'count'> {
  readonly onEnd: (invocation: EndedInvocation) => void
}

interface Warm<E, R> {
  readonly environment: ExecutionEnvironment
  readonly handler: Entry<E, R>
}

/** A function with its execution environments, as many as there are invocations at once; idle ones are used again. */
export class VirtualFunction<E, R> implements InvocableFunction {
  readonly name: string
  readonly arn: string
  readonly timeoutSeconds: number
  readonly #compose: VirtualFunctionConfig<E, R>['compose']
  readonly #options: VirtualFunctionOptions
  readonly #idle: Warm<E, R>[] = []
  readonly #busy = new Set<ExecutionEnvironment>()
  readonly #counts = new Map<string, number>()
  #invocations = 0

  constructor(
    { name, timeoutSeconds, compose }: VirtualFunctionConfig<E, R>,
    options: VirtualFunctionOptions,
  ) {
    this.name = name
    this.arn = `arn:aws:lambda:eu-west-1:000000000000:function:${name}`
    this.timeoutSeconds = timeoutSeconds
    this.#compose = compose
    this.#options = options
  }

  /** Invocations that run now. */
  get running(): number {
    return this.#busy.size
  }

  /** As a deployment or a crash of the machine: all environments are gone, the busy ones with what they are doing. */
  restart(): void {
    this.#idle.length = 0
    for (const environment of this.#busy) environment.kill()
  }

  async invoke(event: unknown): Promise<Invocation> {
    this.#invocations += 1
    const requestId = `${this.name}-${this.#invocations}`
    const store = await InvokeStore.getInstanceAsync()
    const warm = this.#idle.pop() ?? store.run({}, () => this.#coldStart())
    this.#busy.add(warm.environment)
    warm.environment.begin(requestId)
    const end = await this.#run(store, warm, event, requestId)
    this.#busy.delete(warm.environment)
    if (end.outcome !== 'killed') this.#idle.push(warm)
    this.#options.onEnd({ function: this.name, requestId, outcome: end.outcome })
    return end.invocation
  }

  async #run(
    store: Awaited<ReturnType<typeof InvokeStore.getInstanceAsync>>,
    { environment, handler }: Warm<E, R>,
    event: unknown,
    requestId: string,
  ): Promise<Ended> {
    const { clock } = this.#options
    const deadline = clock.now() + this.timeoutSeconds * 1_000
    const inTime = clock.schedule(this.timeoutSeconds * 1_000, () => environment.kill())
    // The event crosses a process border: the function never sees the caller's objects.
    const copy = JSON.parse(JSON.stringify(event)) as E
    const work = store
      .run({}, () =>
        handler(
          copy,
          contextOf(this, requestId, () => deadline - clock.now()),
        ),
      )
      .then(succeeded, failed)
    const end = await Promise.race([work, environment.died.then(() => killed)])
    inTime()
    return end
  }

  #coldStart(): Warm<E, R> {
    const count = (operation: string): number => {
      const nth = (this.#counts.get(operation) ?? 0) + 1
      this.#counts.set(operation, nth)
      return nth
    }
    const environment = new ExecutionEnvironment(this.name, { ...this.#options, count })
    return { environment, handler: this.#compose(environment) }
  }
}

interface Ended {
  readonly outcome: EndedInvocation['outcome']
  readonly invocation: Invocation
}

const succeeded = (payload: unknown): Ended => {
  const partial =
    typeof payload === 'object' &&
    payload !== null &&
    'batchItemFailures' in payload &&
    Array.isArray(payload.batchItemFailures) &&
    payload.batchItemFailures.length > 0
  return { outcome: partial ? 'partial' : 'succeeded', invocation: { outcome: 'succeeded', payload } }
}

const failure = (errorType: string, errorMessage: string): Invocation => ({
  outcome: 'failed',
  errorType,
  errorMessage,
  payload: { errorType, errorMessage },
})

const failed = (error: unknown): Ended => ({
  outcome: 'failed',
  invocation: error instanceof Error ? failure(error.name, error.message) : failure('Error', String(error)),
})

const killed: Ended = {
  outcome: 'killed',
  invocation: failure('Runtime.ExitError', 'Runtime exited with error: signal: killed'),
}

const contextOf = (
  { name, arn }: { readonly name: string; readonly arn: string },
  awsRequestId: string,
  getRemainingTimeInMillis: () => number,
): Context => ({
  awsRequestId,
  callbackWaitsForEmptyEventLoop: false,
  functionName: name,
  functionVersion: '$LATEST',
  invokedFunctionArn: arn,
  memoryLimitInMB: '256',
  logGroupName: `/aws/lambda/${name}`,
  logStreamName: name,
  getRemainingTimeInMillis,
  done: () => undefined,
  fail: () => undefined,
  succeed: () => undefined,
})
