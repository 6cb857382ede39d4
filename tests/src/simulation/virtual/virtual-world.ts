import { readDeliveryFileKey } from '@stockroom/adapters/s3/upload-object-keys'
import { pause } from '@stockroom/local-cloud/clock'
import { AsynchronousInvocation } from '@stockroom/local-cloud/events/asynchronous-invocation'
import { BucketNotifications } from '@stockroom/local-cloud/events/bucket-notifications'
import { Scheduler } from '@stockroom/local-cloud/events/scheduler'
import { SqsEventSource } from '@stockroom/local-cloud/events/sqs-event-source'
import { StreamEventSource } from '@stockroom/local-cloud/events/stream-event-source'
import { failureBucket } from '@stockroom/local-cloud/events/stream-failure'
import type { CallFault } from '@stockroom/local-cloud/faults/call-fault'
import type { FaultPlan } from '@stockroom/local-cloud/faults/fault-plan'
import { faultyObjectEvents } from '@stockroom/local-cloud/faults/faulty-object-events'
import { FaultyQueue } from '@stockroom/local-cloud/faults/faulty-queue'
import { faultyScheduleTarget } from '@stockroom/local-cloud/faults/faulty-schedule-target'
import { FaultyStream } from '@stockroom/local-cloud/faults/faulty-stream'
import type { InvocableFunction } from '@stockroom/local-cloud/lambda/invocation'
import { ManualClock } from '@stockroom/local-cloud/manual-clock'
import type { Facts } from '@stockroom/ops/audit/facts'
import { seededRandom } from '@stockroom/ops/demo/random'
import type { Inbox } from '@stockroom/ops/webhook/inbox'
import * as z from 'zod/mini'
import type { Job, Mood } from '../command.ts'
import type {
  ApiAnswer,
  ApiRequest,
  EndedInvocation,
  InjectedFault,
  ParkedMessage,
  UploadForm,
  World,
} from '../world.ts'
import { captureLines } from './captured-lines.ts'
import { httpEvent } from './http-event.ts'
import { virtualFunctions } from './virtual-functions.ts'
import { VirtualInboxes } from './virtual-inboxes.ts'
import { deadLettersOf, type QueuePair, queueFacts, redrive, virtualQueues } from './virtual-queues.ts'
import { virtualFacts, virtualStores } from './virtual-stores.ts'

/** 2026-11-23, a Monday morning: reports of the day before are due in the night of the run's first day. */
const start = Date.parse('2026-11-23T09:00:00Z')
/** The longest that anything in the system waits is 11 hours, and it may do so a few times. */
const patienceMs = 4 * 86_400_000

const patienceOfShopMs = 15

const Result = z.object({
  statusCode: z.int(),
  headers: z.record(z.string(), z.string()),
  body: z.string(),
})
const ParkedRecords = z.object({ payload: z.string() })

/**
 * The whole application in this process, in virtual time: its real functions over stores in memory, fed by the local cloud's own event sources.
 * Everything that happens follows from the plan of faults and the seed.
 */
export class VirtualWorld implements World {
  readonly merchants: readonly string[]
  readonly #clock: ManualClock
  readonly #plan: FaultPlan
  readonly #captured = captureLines()
  readonly #faults: InjectedFault[] = []
  readonly #invocations: EndedInvocation[] = []
  readonly #failures = new Map<string, string>()
  readonly #failedRuns: { readonly job: Job; readonly payload: string }[] = []
  readonly #inboxes
  readonly #queues
  readonly #stores
  readonly #functions
  readonly #jobs
  readonly #notifications
  readonly #tellOfObject
  readonly #stream
  readonly #sources: readonly { start(): void; close(): Promise<void> }[]
  readonly #counts = new Map<string, number>()
  #objects = 0

  constructor({
    seed,
    merchants,
    plan,
  }: {
    readonly seed: number
    readonly merchants: number
    readonly plan: FaultPlan
  }) {
    this.merchants = Array.from({ length: merchants }, (_, index) => `shop-${index + 1}`)
    this.#plan = plan
    const clock = new ManualClock(start, { seed })
    this.#clock = clock
    const deliveries = this.#toldPlan()
    this.#inboxes = new VirtualInboxes(clock)
    this.#queues = virtualQueues(clock)
    this.#stores = virtualStores(clock, () => relay.wake())
    const { chunks, events, deliveries: webhooks } = this.#queues
    this.#functions = virtualFunctions(
      this.#stores,
      { chunks: chunks.queue, events: events.queue, deliveries: webhooks.queue },
      this.#inboxes,
      {
        clock,
        plan,
        random: seededRandom(seed),
        parkRecord: (record) =>
          void this.#failures.set(
            `aws/lambda/unreadable/${record.dynamodb?.SequenceNumber}`,
            JSON.stringify({ payload: JSON.stringify({ Records: [record] }) }),
          ),
        onFault: (fault) => this.#faults.push(fault),
        onEnd: (invocation) => this.#invocations.push(invocation),
      },
    )
    const { relayOutbox, planUpload, importChunk, fanOutEvent, deliverWebhook } = this.#functions
    const observe = () => undefined
    const consume = (
      { name, queue, visibilityTimeoutSeconds }: QueuePair,
      target: InvocableFunction,
      batchSize: number,
    ) =>
      new SqsEventSource(
        { name, batchSize, maximumConcurrency: 2, reportsBatchItemFailures: true, visibilityTimeoutSeconds },
        {
          queue: new FaultyQueue({ queue, visibility: queue, plan: deliveries, clock, source: name }),
          function: target,
          clock,
          observe,
        },
      )
    this.#stream = new FaultyStream({
      stream: this.#stores.stream,
      plan: deliveries,
      clock,
      source: 'relay-outbox',
      onReadable: () => relay.wake(),
    })
    // The settings of infra/src/event-sources.ts.
    const relay = new StreamEventSource(
      {
        name: 'relay-outbox',
        startingPosition: 'TRIM_HORIZON',
        batchSize: 100,
        bisectBatchOnFunctionError: true,
        maximumRetryAttempts: 10,
        maximumRecordAgeInSeconds: 21_600,
        reportsBatchItemFailures: true,
        filterCriteria: [JSON.stringify({ eventName: ['INSERT'] })],
        // New records wake it.
        idlePollMs: 600_000,
      },
      {
        stream: this.#stream,
        function: relayOutbox,
        clock,
        observe,
        onFailure: failureBucket(async (key, body) => void this.#failures.set(key, body)),
      },
    )
    this.#jobs = {
      'expire-orders': this.#job('expire-orders', this.#functions.expireOrders),
      'sweep-outbox': this.#job('sweep-outbox', this.#functions.sweepOutbox),
      'report-sales': this.#job('report-sales', this.#functions.reportSales),
    }
    const schedule = (job: Job, expression: string) => ({
      name: job,
      arn: `arn:aws:scheduler:eu-west-1:000000000000:schedule/stockroom/${job}`,
      expression,
      input: JSON.stringify({ scheduledAt: '<aws.scheduler.scheduled-time>' }),
      target: faultyScheduleTarget({ target: this.#jobs[job], plan: deliveries, source: job }),
    })
    const scheduler = new Scheduler(
      [
        schedule('expire-orders', 'rate(1 minute)'),
        schedule('sweep-outbox', 'rate(1 minute)'),
        schedule('report-sales', 'cron(10 0 * * ? *)'),
      ],
      { clock, observe },
    )
    this.#notifications = new BucketNotifications(
      { name: 'uploads', arn: 'arn:aws:s3:::uploads', region: 'eu-west-1', ownerId: 'owner' },
      [{ events: ['s3:ObjectCreated:*'], prefix: 'uploads/', queue: this.#queues.uploads.queue }],
      { clock, observe, authorize: () => true },
    )
    this.#tellOfObject = faultyObjectEvents({
      accept: (event) => this.#notifications.accept(event),
      sendTestEvent: () => void this.#notifications.connect(),
      plan: deliveries,
      clock,
      source: 'uploads',
    })
    this.#sources = [
      relay,
      consume(this.#queues.uploads, planUpload, 1),
      consume(chunks, importChunk, 1),
      consume(events, fanOutEvent, 10),
      consume(webhooks, deliverWebhook, 1),
      scheduler,
    ]
    for (const source of this.#sources) source.start()
  }

  /** Lets virtual time pass until `work` is done. @throws Error when nothing can happen any more. */
  async drive<T>(work: Promise<T>): Promise<T> {
    let done = false
    const settled = work.finally(() => {
      done = true
    })
    settled.catch(() => undefined)
    const ended = await this.#clock.runUntil(() => done)
    if (!ended) throw new Error('Nothing is left that could happen, and the work is not done')
    return settled
  }

  now(): number {
    return this.#clock.now()
  }

  wait(seconds: number): Promise<void> {
    return pause(this.#clock, seconds * 1_000)
  }

  async call(request: ApiRequest): Promise<ApiAnswer | 'no answer'> {
    const fault = this.#faultOnTheWay('Request')
    if (fault?.kind === 'delay') await pause(this.#clock, fault.ms)
    if (fault?.kind === 'lose_request') return 'no answer'
    const event = httpEvent(request, { requestId: `request-${this.#count('Request id')}`, at: this.now() })
    const invoked = this.#functions.api.invoke(event)
    if (fault?.kind === 'lose_answer') {
      // The shop hangs up while the function may still be at work.
      await pause(this.#clock, patienceOfShopMs)
      return 'no answer'
    }
    const invocation = await invoked
    if (invocation.outcome !== 'succeeded')
      return { status: 500, body: { message: 'Internal Server Error' }, headers: {} }
    const { statusCode, headers, body } = z.parse(Result, invocation.payload)
    return { status: statusCode, body: body === '' ? undefined : JSON.parse(body), headers }
  }

  async putFile({ fields }: UploadForm, file: Uint8Array): Promise<'stored' | 'refused' | 'no answer'> {
    const fault = this.#faultOnTheWay('PostObject')
    if (fault?.kind === 'delay') await pause(this.#clock, fault.ms)
    if (fault?.kind === 'lose_request') return 'no answer'
    const key = fields.key ?? ''
    const address = readDeliveryFileKey(key)
    if (address === undefined) return 'refused'
    this.#stores.files.put(address, file)
    this.#objects += 1
    this.#tellOfObject({
      name: 'ObjectCreated:Post',
      bucket: 'uploads',
      key,
      at: this.now(),
      sequencer: this.#objects.toString(16).toUpperCase().padStart(18, '0'),
      size: file.length,
      eTag: String(this.#objects),
      principalId: 'shop',
      sourceIp: '127.0.0.1',
      requestId: `post-${this.#objects}`,
    })
    return fault?.kind === 'lose_answer' ? 'no answer' : 'stored'
  }

  async tick(job: Job): Promise<void> {
    await this.#jobs[job].accept({ scheduledAt: new Date(this.now()).toISOString() })
  }

  async restart(): Promise<void> {
    for (const one of Object.values(this.#functions)) one.restart()
  }

  async pauseStream(seconds: number): Promise<void> {
    this.#stream.pauseFor(seconds * 1_000)
  }

  inboxUrl(name: string): string {
    return this.#inboxes.urlOf(name)
  }

  trust(name: string, secret: string): void {
    this.#inboxes.trust(name, secret)
  }

  setMood(name: string, mood: Mood): void {
    this.#inboxes.setMood(name, mood)
  }

  async stopFaults(): Promise<void> {
    this.#plan.stop()
    this.#inboxes.calm()
  }

  async drain(): Promise<string | undefined> {
    const end = this.now() + patienceMs
    for (;;) {
      const left = this.#left()
      if (left === undefined || this.now() >= end) return left
      await this.wait(5)
    }
  }

  async parked(): Promise<readonly ParkedMessage[]> {
    return [
      ...deadLettersOf(this.#queues),
      ...[...this.#failures].map(([, payload]) => ({ where: 'failures bucket', payload })),
      ...this.#failedRuns.map(({ job, payload }) => ({ where: job, payload })),
    ]
  }

  async bringHome(): Promise<void> {
    for (const pair of Object.values(this.#queues)) await redrive(pair)
    for (const [key, body] of [...this.#failures]) {
      const invocation = await this.#functions.relayOutbox.invoke(
        JSON.parse(z.parse(ParkedRecords, JSON.parse(body)).payload),
      )
      if (invocation.outcome === 'succeeded') this.#failures.delete(key)
    }
    for (const { job, payload } of this.#failedRuns.splice(0))
      await this.#jobs[job].accept(JSON.parse(payload))
  }

  async facts(): Promise<Facts> {
    return virtualFacts(this.#stores, queueFacts(this.#queues, this.now()), [...this.#failures.keys()])
  }

  inboxes(): ReadonlyMap<string, Inbox> {
    return this.#inboxes.byUrl()
  }

  faults(): readonly InjectedFault[] {
    return this.#faults
  }

  logLines(): readonly string[] {
    return this.#captured.lines
  }

  invocations(): readonly EndedInvocation[] {
    return this.#invocations
  }

  breaches(): readonly string[] {
    return this.#stores.products.breaches()
  }

  /** Must be driven by nobody else: closing sources wait for invocations, which wait for the clock. */
  async close(): Promise<void> {
    this.#captured.release()
    await this.drive(Promise.all([...this.#sources, this.#notifications].map((source) => source.close())))
  }

  #job(job: Job, target: InvocableFunction): AsynchronousInvocation {
    const parkedRuns = {
      queueArn: 'arn:aws:sqs:eu-west-1:000000000000:failed-runs',
      send: async ({ body }: { readonly body: string }) => void this.#failedRuns.push({ job, payload: body }),
    }
    return new AsynchronousInvocation(
      { deadLetterQueue: parkedRuns },
      { function: target, clock: this.#clock, observe: () => undefined },
    )
  }

  #count(what: string): number {
    const nth = (this.#counts.get(what) ?? 0) + 1
    this.#counts.set(what, nth)
    return nth
  }

  /** A fault between the shop and the cloud. */
  #faultOnTheWay(operation: string): CallFault | undefined {
    const nth = this.#count(operation)
    const onTheWay = new Set(['lose_request', 'lose_answer', 'delay'])
    const fault = this.#plan.faultFor({ caller: 'shop', operation, nth }, (kind) => onTheWay.has(kind))
    if (fault !== undefined)
      this.#faults.push({ at: this.now(), kind: fault.kind, where: `shop ${operation} ${nth}` })
    return fault
  }

  /** The plan for deliveries, each of whose faults is written down with its time. */
  #toldPlan(): FaultPlan {
    const plan = this.#plan
    return {
      ...plan,
      deliveryFaultFor: (site, possible) => {
        const fault = plan.deliveryFaultFor(site, possible)
        if (fault !== undefined)
          this.#faults.push({
            at: this.now(),
            kind: fault.kind,
            where: `${site.via} ${site.source} ${site.nth}`,
          })
        return fault
      },
    }
  }

  /** What still moves, in words. */
  #left(): string | undefined {
    const running = Object.values(this.#functions).filter((one) => one.running > 0)
    if (running.length > 0) return `${running.map(({ name }) => name).join(', ')} running`
    for (const { name, queue } of Object.values(this.#queues))
      if (queue.messages().length > 0) return `${queue.messages().length} messages in ${name}`
    const pending = this.#stores.outbox.rows().filter(({ published }) => !published).length
    if (pending > 0) return `${pending} envelopes unpublished`
    const overdue = this.#stores.orders
      .rows()
      .filter((order) => order.status === 'placed' && Date.parse(order.expiresAt) < this.now()).length
    if (overdue > 0) return `${overdue} orders overdue`
    const unfinished = this.#stores.orders.unfinished().length
    return unfinished > 0 ? `${unfinished} orders with stock on its way` : undefined
  }
}
