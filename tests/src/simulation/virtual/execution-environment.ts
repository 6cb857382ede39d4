import { Busy } from '@stockroom/domain/busy'
import { type Clock, pause } from '@stockroom/local-cloud/clock'
import type { CallFault } from '@stockroom/local-cloud/faults/call-fault'
import type { FaultPlan } from '@stockroom/local-cloud/faults/fault-plan'
import type { Random } from '@stockroom/ops/demo/random'
import type { InjectedFault } from '../world.ts'
import { InjectedError } from './injected-error.ts'

/** What a call may meet besides what every call may meet. */
export interface CallTraits<T> {
  /** What an index or a list that lags may answer; nothing as long as there is no earlier state. */
  readonly stale?: (() => T) | undefined
  /** What happens when some entries of a batch fail. */
  readonly partial?: (salt: number) => Promise<T>
  /** Carries a ClientRequestToken: the same call sent again does nothing and is answered alike. */
  readonly once?: boolean
  /** Made by a client that never tries again by itself. */
  readonly single?: boolean
}

/** What an environment has from the cloud that it runs in. */
export interface EnvironmentOptions {
  readonly clock: Clock
  readonly random: Random
  readonly plan: FaultPlan
  /** How often this function has called this operation, this time included. */
  readonly count: (operation: string) => number
  readonly onFault: (fault: InjectedFault) => void
}

/** Nobody waits for the rest of a process that is gone. */
const never = <T>(): Promise<T> => new Promise(() => undefined)

/** As packages/lambda/src/aws-clients.ts has it. */
const requestTimeoutMs = 5_000
const maxAttempts = 3

const dynamoDb = /Item|Query|Scan/

/**
 * One process of one function as Lambda keeps them: runs one invocation at a time, and every call that its adapters make passes here, takes
 * virtual time and may meet a fault. Once dead it answers nothing: what was running never continues, and nothing can catch that.
 */
export class ExecutionEnvironment {
  readonly function: string
  readonly #options: EnvironmentOptions
  readonly #died = Promise.withResolvers<'killed'>()
  #dead = false
  #requestId = 'none'

  constructor(name: string, options: EnvironmentOptions) {
    this.function = name
    this.#options = options
  }

  /** Resolves when the process is gone. */
  get died(): Promise<'killed'> {
    return this.#died.promise
  }

  begin(requestId: string): void {
    this.#requestId = requestId
  }

  kill(): void {
    this.#dead = true
    this.#died.resolve('killed')
  }

  /**
   * Calls AWS as the SDK does, with up to three attempts: `work` is what the service does. So a lost answer can make it happen twice, and the second
   * answer is the one that is heard. Half of the time the SDK's retry quota is spent and the first failure is thrown.
   */
  async call<T>(operation: string, work: () => Promise<T>, traits: CallTraits<T> = {}): Promise<T> {
    let done: { readonly answer: T } | undefined
    const serve = async (serveOnce: () => Promise<T> = work): Promise<T> => {
      if (traits.once === true && done !== undefined) return done.answer
      done = { answer: await serveOnce() }
      return done.answer
    }
    const patience = traits.single === true || this.#options.random.chance(0.5) ? 1 : maxAttempts
    for (let attempt = 1; ; attempt++) {
      const fault = this.#faultOf(operation, traits)
      const error = await this.#attempt(operation, fault, serve, traits)
      if ('answer' in error) return error.answer
      if (attempt >= patience) throw error.thrown
      await this.#pass(attempt * 100)
    }
  }

  /** As `call`, page by page. */
  async *pages<T>(operation: string, pages: AsyncIterable<T>): AsyncGenerator<T> {
    const iterator = pages[Symbol.asyncIterator]()
    for (;;) {
      // A page is read by its key, so reading it again gives the same one.
      const { done, value } = await this.call(operation, () => iterator.next(), { once: true })
      if (done === true) return
      yield value
    }
  }

  async #attempt<T>(
    operation: string,
    fault: CallFault | undefined,
    serve: (work?: () => Promise<T>) => Promise<T>,
    { stale, partial }: CallTraits<T>,
  ): Promise<{ readonly answer: T } | { readonly thrown: Error }> {
    const { random } = this.#options
    await this.#pass(random.integer(1, 12))
    const answered = async (work?: () => Promise<T>) => {
      const answer = await serve(work)
      await this.#pass(random.integer(1, 12))
      return { answer }
    }
    switch (fault?.kind) {
      case undefined:
        return answered()
      case 'partial': {
        const { salt } = fault
        return answered(partial === undefined ? undefined : () => partial(salt))
      }
      case 'stale_read':
        return answered(stale === undefined ? undefined : async () => stale())
      case 'delay':
        await this.#pass(fault.ms)
        return answered()
      case 'lose_request':
        await this.#pass(requestTimeoutMs)
        return { thrown: new InjectedError('TimeoutError', `${operation} timed out`) }
      case 'lose_answer':
        await serve()
        await this.#pass(requestTimeoutMs)
        return { thrown: new InjectedError('TimeoutError', `${operation} timed out`) }
      case 'throttle':
      case 'transaction_conflict':
        return { thrown: dynamoDb.test(operation) ? new Busy(operation) : throttled(operation) }
      case 'internal_error':
        return { thrown: new InjectedError('InternalServerError', `${operation} failed`) }
      case 'kill_before':
        this.kill()
        return never()
      case 'kill_after':
        await serve()
        this.kill()
        return never()
      default:
        return fault satisfies never
    }
  }

  #faultOf<T>(operation: string, { stale, partial }: CallTraits<T>): CallFault | undefined {
    const { clock, plan, count, onFault } = this.#options
    const nth = count(operation)
    const fault = plan.faultFor({ caller: this.function, operation, nth }, (kind) => {
      if (kind === 'stale_read') return stale !== undefined
      return kind === 'partial' ? partial !== undefined : true
    })
    if (fault !== undefined)
      onFault({
        at: clock.now(),
        kind: fault.kind,
        where: `${this.function} ${operation} ${nth}`,
        requestId: this.#requestId,
      })
    return fault
  }

  /** Lets time pass; whoever is dead by then hears no more. */
  async #pass(ms: number): Promise<void> {
    if (this.#dead) return never()
    await pause(this.#options.clock, ms)
    if (this.#dead) return never()
  }
}

const throttled = (operation: string) => new InjectedError('ThrottlingException', `${operation} is throttled`)
