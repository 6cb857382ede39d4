import { InvokeCommand, type LambdaClient } from '@aws-sdk/client-lambda'
import type { SQSClient } from '@aws-sdk/client-sqs'
import type { DeadLetter, LetterSubject } from './dead-letter.ts'
import type { Destination, Homecoming } from './destination.ts'
import { SqsDeadLetters } from './sqs-dead-letters.ts'

/** A call that was given up: which function, with what. */
export interface ParkedCall {
  /** Name of the function, without its account and version. */
  readonly functionName: string
  readonly payload: unknown
  readonly error: string | undefined
}

/** A queue of calls that Lambda or the Scheduler gave up: each function is called again with the payload that it was due, so with its own `scheduledAt`. */
export class InvocationDestination extends SqsDeadLetters implements Destination {
  readonly name: string
  readonly home: string
  readonly failsIn: readonly string[] = []
  readonly #lambda: LambdaClient
  readonly #functions: ReadonlyMap<string, string>
  readonly #read: (letter: Pick<DeadLetter, 'body' | 'attributes'>) => ParkedCall | undefined

  constructor(
    clients: { readonly sqs: SQSClient; readonly lambda: LambdaClient },
    queue: {
      readonly name: string
      readonly url: string
      /** The stage's own functions by their physical name: a letter that somebody forged must not call another. */
      readonly functions: ReadonlyMap<string, string>
      readonly read: (letter: Pick<DeadLetter, 'body' | 'attributes'>) => ParkedCall | undefined
    },
  ) {
    super(clients.sqs, queue.url, (letter): LetterSubject => {
      const call = queue.read(letter)
      return call === undefined
        ? { types: ['unreadable'], merchants: [] }
        : {
            types: [queue.functions.get(call.functionName) ?? call.functionName],
            merchants: [],
            error: call.error,
          }
    })
    this.name = queue.name
    this.home = 'the function'
    this.#lambda = clients.lambda
    this.#functions = queue.functions
    this.#read = queue.read
  }

  /** Resolves when Lambda has taken the call; a run that fails again comes to lie among the failed runs. */
  async bringHome(letter: DeadLetter): Promise<Homecoming> {
    const call = this.#read(letter)
    if (call === undefined) return { outcome: 'stays', reason: 'names no function and payload' }
    const { functionName, payload } = call
    if (!this.#functions.has(functionName))
      return { outcome: 'stays', reason: `${functionName} is no function of this stage` }
    await this.#lambda.send(
      new InvokeCommand({
        FunctionName: functionName,
        InvocationType: 'Event',
        Payload: Buffer.from(JSON.stringify(payload)),
      }),
    )
    return { outcome: 'home', as: this.markOf(letter) }
  }

  /** A call that fails again is another message; function and payload are the same. */
  markOf(letter: DeadLetter): string {
    const call = this.#read(letter)
    return call === undefined ? letter.id : `${call.functionName} ${JSON.stringify(call.payload)}`
  }

  /** Lambda's own queue cannot be asked. */
  async isWorking(): Promise<boolean> {
    return false
  }
}
