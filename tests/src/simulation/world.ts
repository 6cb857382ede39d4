import type { Facts } from '@stockroom/ops/audit/facts'
import type { Inbox } from '@stockroom/ops/webhook/inbox'
import type { Job, Mood } from './command.ts'

/** A request as one merchant's own client sends it. */
export interface ApiRequest {
  readonly merchant: string
  readonly method: 'GET' | 'POST' | 'DELETE'
  readonly path: string
  readonly body?: unknown
  readonly idempotencyKey?: string
}

export interface ApiAnswer {
  readonly status: number
  /** Parsed JSON; undefined when there is none. */
  readonly body: unknown
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>
}

/** A form as the API issued it. */
export interface UploadForm {
  readonly url: string
  readonly fields: Readonly<Record<string, string>>
}

/** A message, a batch of stream records or a scheduled call that nobody tries any more. */
export interface ParkedMessage {
  /** Queue or bucket. */
  readonly where: string
  /** Everything that is needed to try again. */
  readonly payload: string
}

/** A fault that took place. */
export interface InjectedFault {
  /** The world's time in milliseconds. */
  readonly at: number
  /** `lost`, `answer_lost`, `throttled`, `killed_after`, `duplicated`…, as the fault plan names it. */
  readonly kind: string
  /** Where: function, operation and count, or the event source. */
  readonly where: string
  /** The invocation that met it, when it was one. */
  readonly requestId?: string
}

/** An invocation of a function as the platform saw it end. */
export interface EndedInvocation {
  readonly function: string
  readonly requestId: string
  /** `partial`: it named records or messages that failed. `killed`: its process is gone. */
  readonly outcome: 'succeeded' | 'partial' | 'failed' | 'killed'
}

/** What a tier has to offer so that the model can play against it. Time is the world's own: virtual or real. */
export interface World {
  readonly merchants: readonly string[]
  /** Milliseconds since the epoch. */
  now(): number
  wait(seconds: number): Promise<void>

  /** One attempt; whoever gets no answer knows nothing of what happened. */
  call(request: ApiRequest): Promise<ApiAnswer | 'no answer'>
  /** POSTs a file with the form, as a browser does. */
  putFile(form: UploadForm, file: Uint8Array): Promise<'stored' | 'refused' | 'no answer'>
  /** A scheduled job is called now; resolves when Lambda has taken the call, not when the job is done. */
  tick(job: Job): Promise<void>
  /** Replaces every execution environment; what runs in them ends without an answer. */
  restart(): Promise<void>

  /** The mapping of the outbox's stream stands still for so long, as when somebody disabled it. Only where time is virtual. */
  pauseStream?(seconds: number): Promise<void>

  /** Where webhooks for the inbox of this name go. */
  inboxUrl(name: string): string
  /** Tells the inbox its secret; until then it answers 503. */
  trust(name: string, secret: string): void
  setMood(name: string, mood: Mood): void

  /** From here on nothing fails that the application does not fail itself; receivers are well. */
  stopFaults(): Promise<void>
  /** Resolves when nothing moves any more, or when it has not changed for longer than any timeout, with what is left in words. */
  drain(): Promise<string | undefined>
  parked(): Promise<readonly ParkedMessage[]>
  /** Brings everything that is parked back to where it came from. */
  bringHome(): Promise<void>

  facts(): Promise<Facts>
  /** By URL. */
  inboxes(): ReadonlyMap<string, Inbox>
  /** Every fault so far, in order. */
  faults(): readonly InjectedFault[]
  /** All that the functions have written, a JSON document a line, and the platform's own lines. */
  logLines(): readonly string[]
  invocations(): readonly EndedInvocation[]
  /** Breaches that this tier watches for itself while it runs, such as a figure below zero in between. */
  breaches(): readonly string[]
  close(): Promise<void>
}
