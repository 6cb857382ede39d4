import { mkdirSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import type { FaultPlan } from '@stockroom/local-cloud/faults/fault-plan'
import { seededFraction } from '@stockroom/local-cloud/faults/seeded-hash'
import { startLocalCloud } from '@stockroom/local-cloud/start-local-cloud'
import type { Facts } from '@stockroom/ops/audit/facts'
import { readFacts } from '@stockroom/ops/audit/read-facts'
import { movements } from '@stockroom/ops/audit/settle'
import { awsAccess } from '@stockroom/ops/aws-access'
import { openDestinations } from '@stockroom/ops/dlq/open-destinations'
import { replay } from '@stockroom/ops/dlq/replay'
import { survey } from '@stockroom/ops/dlq/survey'
import { allScopes } from '@stockroom/ops/local/scopes'
import { readStage } from '@stockroom/ops/stage'
import type { ApiAnswer, ApiRequest, InjectedFault, ParkedMessage, World } from '../world.ts'
import { InvocationLog } from './invocation-log.ts'
import { startMoodyReceiver } from './moody-receiver.ts'
import { tellingPlan } from './real-faults.ts'

export interface RealWorldOptions {
  readonly seed: number
  /** Share of requests that clients lose on their side of the API, from 0 to 1. */
  readonly rate: number
  readonly plan: FaultPlan
  /** As {@link hurryAssembly} left it. */
  readonly assembly: string
  /** Data and logs of this world; not removed by it. */
  readonly directory: string
  readonly merchants: readonly string[]
}

/** Logical ids of the template's schedules begin like this. */
const scheduleOf = {
  'expire-orders': 'SchedulesExpireOrders',
  'sweep-outbox': 'SchedulesSweepOutbox',
  'report-sales': 'SchedulesReportSales',
} as const

/** Requests at once: a stampede would measure how fast execution environments start, and the machine is small. */
const clients = 3
/** A client's patience with a request; API Gateway gives up after 30 s. */
const clientSeconds = 40
/** A stage that stands still for so long will not move again: the longest wait is that of an event which is received ten times, every four seconds. */
const patienceMilliseconds = 75_000
/** Lambda waits one and two minutes before it calls a failed asynchronous run again; real ones here. */
const retryDelaysMs = [1_000, 2_000] as const
/** How long a run that failed may still come again. */
const longestRetryMs = retryDelaysMs[1] + 500
const pollMilliseconds = 300

/** The synthesised template on the local cloud, with its clients, receivers and operator; faults are chosen by the seed, their moment is the machine's. */
export const startRealWorld = async ({
  seed,
  rate,
  plan,
  assembly,
  directory,
  merchants,
}: RealWorldOptions): Promise<World> => {
  mkdirSync(directory, { recursive: true })
  await using closing = new AsyncDisposableStack()
  const receiver = await startMoodyReceiver()
  closing.defer(() => receiver.close())
  const log = new InvocationLog()
  const faults: InjectedFault[] = []
  let runFailedAt = Number.NEGATIVE_INFINITY
  const cloud = await startLocalCloud({
    assembly,
    dataDirectory: directory,
    schedules: 'paused',
    asynchronousRetryDelaysMs: retryDelaysMs,
    faults: tellingPlan(plan, (fault) => faults.push(fault)),
    parameters: ({ issuer }) => ({
      JwtIssuer: issuer,
      JwtAudience: 'stockroom',
      WebhookAllowedNetworks: '127.0.0.0/8',
    }),
    onLog: (entry) => log.accept(entry),
    onEventSource: (fact, { source }) => {
      if (source === 'asynchronous invocation' && fact.kind === 'invoked' && fact.verdict !== 'succeeded')
        runFailedAt = Date.now()
    },
  })
  closing.defer(() => cloud.close())
  const outputs = Object.assign({}, ...Object.values(cloud.outputs))
  const stage = readStage(outputs)
  const access = awsAccess({ region: cloud.region, credentials: cloud.operator, ...cloud.endpoints })
  const destinations = openDestinations(access, stage)
  const tokens = new Map(
    await Promise.all(
      merchants.map(
        async (merchant) =>
          [
            merchant,
            await cloud.issueToken({
              claims: {
                sub: `${merchant}-shop`,
                client_id: `${merchant}-shop`,
                merchant_id: merchant,
                token_use: 'access',
              },
              scopes: allScopes,
              audience: 'stockroom',
            }),
          ] as const,
      ),
    ),
  )

  const breaches: string[] = []
  cloud.calls.subscribe(({ principal, actions }) => {
    for (const { action, resource, decision } of actions)
      if (!decision.allowed) breaches.push(`the role of ${principal} does not allow ${action} on ${resource}`)
  })

  let faulty = true
  let requests = 0
  let restarts = 0

  const clientFault = (request: ApiRequest): 'lose_request' | 'lose_answer' | undefined => {
    requests += 1
    if (!faulty || seededFraction(seed, 'client', requests) >= rate) return undefined
    const kind = seededFraction(seed, 'client', requests, 'kind') < 0.5 ? 'lose_request' : 'lose_answer'
    faults.push({ at: Date.now(), kind, where: `the client's ${request.method} ${request.path}` })
    return kind
  }

  const queue: (() => void)[] = []
  let busy = 0
  const aFreeClient = async (): Promise<void> => {
    if (busy >= clients) await new Promise<void>((resolve) => queue.push(resolve))
  }
  /** One of a few clients does `work` as soon as it is free. */
  const byAClient = async <T>(work: () => Promise<T>): Promise<T> => {
    while (busy >= clients) await aFreeClient()
    busy += 1
    try {
      return await work()
    } finally {
      busy -= 1
      queue.shift()?.()
    }
  }

  const send = async (request: ApiRequest): Promise<ApiAnswer | 'no answer'> => {
    const { merchant, method, path, body, idempotencyKey } = request
    try {
      const response = await fetch(new URL(path, stage.ApiUrl), {
        method,
        headers: {
          authorization: `Bearer ${tokens.get(merchant)}`,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...(idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        signal: AbortSignal.timeout(clientSeconds * 1_000),
      })
      const text = await response.text()
      return {
        status: response.status,
        body: text === '' ? undefined : JSON.parse(text),
        headers: Object.fromEntries(response.headers),
      }
    } catch (error) {
      if (error instanceof SyntaxError) throw error
      return 'no answer'
    }
  }

  const read = (): Promise<Facts> => readFacts(access, stage)

  /** What is on its way, in words. Lambda's queue of asynchronous calls cannot be asked; its functions and its failures can. */
  const movement = async (): Promise<string> => {
    const counts = Object.entries(movements(await read())).map(([name, count]) => `${count} ${name}`)
    const busy = cloud.resources.functions.filter(({ name }) =>
      cloud.functions.get(name).environments.some((one) => one.busy),
    )
    if (busy.length > 0) counts.push(`${busy.map(({ logicalId }) => logicalId).join(', ')} at work`)
    if (Date.now() - runFailedAt < longestRetryMs) counts.push('a failed run to come again')
    return counts.join(', ')
  }

  const running = closing.move()
  return {
    merchants,
    now: () => Date.now(),
    // Whatever comes after a wait is done by a client, and faults last for as long as commands begin.
    wait: async (seconds) => {
      await pause(seconds * 1_000)
      await aFreeClient()
    },
    call: async (request) => {
      const fault = clientFault(request)
      if (fault === 'lose_request') return 'no answer'
      const answer = await byAClient(() => send(request))
      return fault === 'lose_answer' ? 'no answer' : answer
    },
    putFile: async ({ url, fields }, file) => {
      const form = new FormData()
      for (const [name, value] of Object.entries(fields)) form.append(name, value)
      // S3 ignores every field after the file.
      form.append('file', new Blob([new Uint8Array(file)], { type: 'text/csv' }), 'delivery.csv')
      try {
        const { ok, status } = await fetch(url, { method: 'POST', body: form })
        return ok ? 'stored' : status < 500 ? 'refused' : 'no answer'
      } catch {
        return 'no answer'
      }
    },
    tick: async (job) => {
      // Resolves when Lambda is through with all retries; whoever ticks does not wait for that.
      cloud.schedules.trigger(scheduleOf[job]).catch((error: unknown) => breaches.push(`${job}: ${error}`))
    },
    // One function at a time is deployed anew: all of them would start ten processes, and what a process that dies leaves behind is the kills' to show.
    restart: async () => {
      restarts += 1
      const { functions } = cloud.resources
      const chosen = functions[Math.floor(seededFraction(seed, 'restart', restarts) * functions.length)]
      if (chosen !== undefined) cloud.killFunction(chosen.name)
    },
    inboxUrl: receiver.urlOf,
    trust: receiver.trust,
    setMood: receiver.setMood,
    stopFaults: async () => {
      faulty = false
      plan.stop()
      receiver.calm()
    },
    drain: async () => {
      let shown = ''
      let changedAt = Date.now()
      for (let quiet = 0; quiet < 2; ) {
        const moving = await movement()
        if (moving !== shown) changedAt = Date.now()
        if (moving !== '' && Date.now() - changedAt > patienceMilliseconds) return moving
        shown = moving
        // Between two quiet looks whatever was between two places has arrived at one.
        quiet = moving === '' ? quiet + 1 : 0
        await pause(pollMilliseconds)
      }
      return undefined
    },
    parked: async () => {
      const surveys = await Promise.all(destinations.map((one) => survey(one, Number.POSITIVE_INFINITY)))
      return surveys.flatMap(({ name, letters }) =>
        letters.map(({ body }): ParkedMessage => ({ where: name, payload: body })),
      )
    },
    bringHome: async () => {
      await Promise.all(
        destinations.map(async (destination) => {
          const { waiting } = await destination.count()
          if (waiting > 0) await replay(destination, { pause: (ms) => pause(ms) })
        }),
      )
    },
    facts: read,
    inboxes: () => receiver.inboxes(),
    faults: () => faults,
    logLines: () => log.lines,
    invocations: () => log.ended,
    breaches: () => [
      ...breaches,
      ...[...tokens].flatMap(([merchant, token]) =>
        log.lines.some((line) => line.includes(token)) ? [`the token of ${merchant} is in the log`] : [],
      ),
    ],
    close: () => running.disposeAsync(),
  }
}
