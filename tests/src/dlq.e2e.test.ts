import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { promisify } from 'node:util'
import { DeleteItemCommand, PutItemCommand, ScanCommand } from '@aws-sdk/client-dynamodb'
import { InvokeCommand } from '@aws-sdk/client-lambda'
import { GetObjectCommand, ListObjectsV2Command } from '@aws-sdk/client-s3'
import { SendMessageCommand } from '@aws-sdk/client-sqs'
import { audit } from '@stockroom/ops/audit/audit'
import { readFacts } from '@stockroom/ops/audit/read-facts'
import { settle } from '@stockroom/ops/audit/settle'
import { expectAnswer, PlacedOrder } from '@stockroom/ops/demo/answers'
import { subscribe } from '@stockroom/ops/demo/run-demo'
import { type UploadOutcome, uploadDelivery } from '@stockroom/ops/demo/upload-delivery'
import type { Destination } from '@stockroom/ops/dlq/destination'
import { loggedFailures } from '@stockroom/ops/dlq/logged-failures'
import { openDestinations } from '@stockroom/ops/dlq/open-destinations'
import { survey } from '@stockroom/ops/dlq/survey'
import { type LocalStage, startLocalStage } from '@stockroom/ops/local/local-stage'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { impatientAssembly } from './impatient-assembly.ts'

/**
 * Every kind of letter is made by a real failure, then brought home by the command as an operator of a stage on AWS would run it: outputs from a
 * file, endpoints and credentials from the environment.
 */
let local: LocalStage
let directory: string
let destinations: readonly Destination[]
/** Which calls fail now: `PlanUpload dynamodb:GetItem`, or all of a function's. */
const broken = new Set<string>()
const uploads: Promise<UploadOutcome>[] = []
let applied: { readonly id: string; readonly body: string; readonly group: string }
let lateOrder: string

const destination = (name: string): Destination => {
  const found = destinations.find((one) => one.name === name)
  if (found === undefined) throw new Error(`no destination ${name}`)
  return found
}
const waiting = async (name: string) => (await destination(name).count()).waiting
/** SQS and S3 tell nobody that something was parked: it is asked for, four times a second. */
const until = async (what: string, condition: () => Promise<boolean>): Promise<void> => {
  const deadline = Date.now() + 180_000
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`waited 180 s in vain for ${what}`)
    await pause(250)
  }
}
const parked = (name: string, count: number) =>
  until(`${count} parked in ${name}`, async () => (await waiting(name)) >= count)
const queueUrl = (name: string) => local.stage.queues.find((queue) => queue.name === name)?.url

const place = async (quantity = 1): Promise<string> => {
  const answer = await local.target.api('acme')({
    method: 'POST',
    path: '/orders',
    body: { lines: [{ sku: 'MUG', quantity }] },
    idempotencyKey: crypto.randomUUID(),
  })
  return expectAnswer(answer, 201, PlacedOrder).id
}
const cancel = (id: string) =>
  local.target.api('acme')({
    method: 'POST',
    path: `/orders/${id}/cancellation`,
    body: {},
    idempotencyKey: crypto.randomUUID(),
  })
const upload = (sku: string) =>
  uploadDelivery(local.target.api('acme'), {
    filename: `${sku}.csv`,
    csv: `sku,name,quantity,unit_price\n${sku},Goods,10,2.50\n`,
    currency: 'EUR',
  })
const facts = () => readFacts(local.access, local.stage)

/** `stockroom dlq …` as a child process. */
const dlq = async (...args: string[]) => {
  const { endpoints, operator, region } = local.cloud
  const ran = promisify(execFile)(
    process.execPath,
    [
      join(import.meta.dirname, '../../packages/ops/src/main.ts'),
      'dlq',
      ...args,
      '--outputs',
      join(directory, 'outputs.json'),
    ],
    {
      env: {
        ...process.env,
        AWS_REGION: region,
        AWS_ACCESS_KEY_ID: operator.accessKeyId,
        AWS_SECRET_ACCESS_KEY: operator.secretAccessKey,
        AWS_ENDPOINT_URL_DYNAMODB: endpoints.dynamodb,
        AWS_ENDPOINT_URL_SQS: endpoints.sqs,
        AWS_ENDPOINT_URL_S3: endpoints.s3,
        AWS_ENDPOINT_URL_LAMBDA: endpoints.lambda,
      },
    },
  )
  return ran.then(
    ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
    ({ code, stdout, stderr }) => ({ code: Number(code), stdout: String(stdout), stderr: String(stderr) }),
  )
}
const lying = async (): Promise<Record<string, number>> =>
  Object.fromEntries(
    await Promise.all(
      destinations.map(async (one) => {
        const { waiting: visible, hidden } = await one.count()
        return [one.name, visible + hidden] as const
      }),
    ),
  )

const poison = 'this is no event'
const badRow = { pk: { S: 'acme#ord_bad' }, sk: { S: '0000000001' } }

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'dlq-'))
  local = await startLocalStage({
    assembly: impatientAssembly(),
    schedules: 'paused',
    asynchronousRetryDelaysMs: [1, 1],
  })
  writeFileSync(join(directory, 'outputs.json'), JSON.stringify(local.cloud.outputs))
  destinations = openDestinations(local.access, local.stage)
  local.cloud.intercept({
    before: async ({ principal, environmentId, service, operation }) => {
      const names = [`${service}:${operation}`, '']
      const hit =
        environmentId !== undefined &&
        [...broken].some((fault) => {
          const [part = '', call = ''] = fault.split(' ')
          return principal.includes(part) && names.includes(call)
        })
      return hit
        ? { kind: 'fail', fault: { status: 400, code: 'ThrottlingException', message: 'injected' } }
        : undefined
    },
  })
  await subscribe(local.target, 'acme')
  await upload('MUG')
  await place()
  const settled = await settle(facts, () => undefined)
  const event = settled.envelopes
    .flatMap(({ events }) => events)
    .find(({ type }) => type === 'order.placed.v1')
  const { Items = [] } = await local.access.dynamodb.send(
    new ScanCommand({ TableName: local.stage.OutboxTableName }),
  )
  const text = Items.map(({ events }) => events?.S ?? '').find((events) => events.includes(event?.id ?? '-'))
  const [sent] = JSON.parse(text ?? '') as [{ id: string; subject: string }]
  applied = { id: sent.id, body: JSON.stringify(sent), group: `acme#${sent.subject}` }

  // A chunk whose stock is throttled for ever, and a file that cannot be planned.
  broken.add('ImportChunk dynamodb:TransactWriteItems')
  uploads.push(upload('CUP'))
  await until('an import', async () => (await facts()).uploads.some(({ status }) => status === 'importing'))
  broken.add('PlanUpload')
  uploads.push(upload('PAN'))

  await until('all events to be delivered so far', async () => {
    const { envelopes, deliveries, queues } = await facts()
    const events = queues.find(({ name }) => name === 'Events')
    return (
      events?.visible === 0 &&
      events.inFlight === 0 &&
      envelopes.every(({ pending }) => !pending) &&
      deliveries.every(({ state }) => state === 'delivered')
    )
  })

  // Events that cannot be fanned out, one that was already, and two that are nobody's.
  broken.add('FanOutEvent')
  const order = await place()
  await cancel(order)
  const forged = { ...JSON.parse(applied.body), merchant: 'globex', id: 'evt_01ARZ3NDEKTSV4RRFFQ69G5FAV' }
  for (const [group, body] of [
    ['forged', JSON.stringify(forged)],
    ['poison', poison],
  ] as const)
    await local.access.sqs.send(
      new SendMessageCommand({
        QueueUrl: queueUrl('Events'),
        MessageGroupId: group,
        MessageDeduplicationId: group,
        MessageBody: body,
      }),
    )
  await local.access.sqs.send(
    new SendMessageCommand({
      QueueUrl: queueUrl('EventsDlq'),
      MessageGroupId: applied.group,
      MessageDeduplicationId: 'again',
      MessageBody: applied.body,
    }),
  )
  await parked('events', 5)
  broken.delete('FanOutEvent')

  // A webhook that cannot be read.
  broken.add('DeliverWebhook dynamodb:GetItem')
  await place(2)
  await parked('webhook-deliveries', 1)

  // Envelopes that cannot be published, and a row that is none.
  broken.add('RelayOutbox sqs:SendMessageBatch')
  lateOrder = await place(3)
  await local.access.dynamodb.send(
    new PutItemCommand({ TableName: local.stage.OutboxTableName, Item: { ...badRow, events: { S: '{' } } }),
  )
  await parked('stream', 2)

  // A tick that the Scheduler may not hand over, and a run that fails three times.
  await local.cloud.schedules.trigger('SchedulesReportSales')
  broken.add('ReportSales')
  await local.access.lambda.send(
    new InvokeCommand({
      FunctionName: local.cloud.functions.get('FunctionsReportSales').name,
      InvocationType: 'Event',
      Payload: Buffer.from(JSON.stringify({ scheduledAt: '2026-01-02T00:10:00Z' })),
    }),
  )
  await Promise.all([parked('schedules', 1), parked('runs', 1), parked('uploads', 1), parked('chunks', 1)])
}, 600_000)

afterAll(async () => {
  await local.close()
  rmSync(directory, { recursive: true })
})

const full = {
  uploads: 1,
  chunks: 1,
  events: 5,
  'webhook-deliveries': 1,
  schedules: 1,
  runs: 1,
  stream: 2,
}

describe('what was given up', () => {
  it('is listed, place by place, and stays where it is', async () => {
    const { code, stdout } = await dlq('ls')
    expect(code).toBe(1)
    for (const name of Object.keys(full)) expect(stdout).toMatch(new RegExp(`^${name} +[1-9]`, 'm'))
    const rows: { destination: string; waiting: number; hidden: number }[] = JSON.parse(
      (await dlq('ls', '--json')).stdout,
    )
    expect(Object.fromEntries(rows.map((row) => [row.destination, row.waiting + row.hidden]))).toEqual(full)
    expect(await lying()).toEqual(full)
  })

  it('is shown with its kind and trace; the log says why it failed', async () => {
    const { code, stdout } = await dlq('show', '--json')
    expect(code).toBe(0)
    const shown: { destination: string; type: string; traceId: string | null; error: string }[] =
      JSON.parse(stdout)
    const types = (name: string) => shown.filter((one) => one.destination === name).map(({ type }) => type)
    expect(types('uploads')).toEqual(['ObjectCreated:Post'])
    expect(types('chunks')).toEqual(['chunk'])
    expect(types('webhook-deliveries')).toEqual(['delivery'])
    expect([types('schedules'), types('runs')]).toEqual([['ReportSales'], ['ReportSales']])
    expect(types('stream').toSorted()).toEqual(['order.placed.v1', 'unreadable'])
    expect(new Set(types('events'))).toEqual(new Set(['order.placed.v1', 'unreadable']))
    expect(shown.find(({ destination: name }) => name === 'chunks')?.traceId).toMatch(/^[0-9a-f]{32}$/)

    const errorsIn = async (name: string) => {
      const { letters } = await survey(destination(name), 100)
      return [...(await loggedFailures(local.logDirectory, letters)).values()].join('\n')
    }
    expect(await errorsIn('uploads')).toContain('ThrottlingException')
    expect(await errorsIn('webhook-deliveries')).toContain('ThrottlingException')
    const events = await errorsIn('events')
    for (const reason of ['SyntaxError', 'foreign_event', 'ThrottlingException'])
      expect(events).toContain(reason)
    expect(await errorsIn('stream')).toContain('ThrottlingException')
    expect(await lying()).toEqual(full)
  })

  it('stays where it is in a dry run', async () => {
    const { code, stderr } = await dlq('replay', '--dry-run')
    expect(code).toBe(0)
    expect(stderr).toContain('uploads')
    expect(await lying()).toEqual(full)
  })

  it('comes home, twice over, and only what can never work is left', async () => {
    broken.clear()
    const first = await dlq('replay', '--rate', '100', '--wait', '60')
    expect(first.code).toBe(1)
    expect(first.stderr).toMatch(/events .*5 sent to the queue Events, 2 came back/)
    expect(first.stderr).toMatch(/stream .*1 sent .*1 stay/)
    expect(await lying()).toMatchObject({
      uploads: 0,
      chunks: 0,
      events: 2,
      stream: 1,
      runs: 0,
      schedules: 0,
    })
    await dlq('replay', '--wait', '60')
    expect(await lying()).toEqual({
      ...Object.fromEntries(Object.keys(full).map((name) => [name, 0])),
      events: 2,
      stream: 1,
    })
    expect((await Promise.all(uploads)).map(({ status }) => status)).toEqual(['imported', 'imported'])
  })

  it('is given up for good with a reason, which is kept with it', async () => {
    const refused = await dlq('drop', 'events', '--all')
    expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining('--reason')])
    // The operator takes the broken row away, and then the letters that nobody needs.
    await local.access.dynamodb.send(
      new DeleteItemCommand({ TableName: local.stage.OutboxTableName, Key: badRow }),
    )
    for (const name of ['events', 'stream'])
      expect((await dlq('drop', name, '--all', '--yes', '--reason', 'not ours')).code).toBe(0)
    const { Contents = [] } = await local.access.s3.send(
      new ListObjectsV2Command({ Bucket: local.stage.FailuresBucketName, Prefix: 'dropped/events/' }),
    )
    const kept = await Promise.all(
      Contents.map(async ({ Key }) => {
        const { Body } = await local.access.s3.send(
          new GetObjectCommand({ Bucket: local.stage.FailuresBucketName, Key }),
        )
        return JSON.parse((await Body?.transformToString()) ?? '')
      }),
    )
    expect(kept).toHaveLength(2)
    for (const record of kept)
      expect(record).toMatchObject({ reason: 'not ours', by: expect.stringContaining('@') })
    expect(kept.map(({ letter }) => letter.body)).toContain(poison)
  })

  it('leaves the books balanced, each event delivered and none of them twice', async () => {
    const settled = await settle(facts, () => undefined)
    const inboxes = local.receiver.inboxes()
    expect(audit(settled, inboxes).flatMap(({ breaches }) => breaches)).toEqual([])
    const seen = [...inboxes.values()].flatMap(({ events }) => events)
    expect(seen.filter(({ id }) => id === applied.id)).toMatchObject([{ arrivals: 1 }])
    expect(seen.map(({ subject }) => subject)).toContain(lateOrder)
    expect(settled.products).toContainEqual(expect.objectContaining({ sku: 'CUP', received: 10 }))
    const { code, stdout } = await dlq('ls')
    expect([code, stdout]).toEqual([0, expect.stringContaining('Nothing is parked.')])
  })
})
