import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb'
import { EncryptCommand, KMSClient, ListKeysCommand } from '@aws-sdk/client-kms'
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda'
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { LocalCloud } from './local-cloud.ts'
import { type LocalCloudOptions, startLocalCloud } from './start-local-cloud.ts'
import { writeThingsAssembly } from './things-assembly.ts'

const temporary = () => mkdtempSync(join(tmpdir(), 'local-cloud-test-'))
const start = (assembly: string, dataDirectory: string, options: Partial<LocalCloudOptions> = {}) =>
  startLocalCloud({
    assembly,
    dataDirectory,
    parameters: ({ issuer }) => ({ Issuer: issuer }),
    onEventSource: () => undefined,
    ...options,
  })

describe('a running cloud', () => {
  const assembly = temporary()
  const data = temporary()
  let cloud: LocalCloud
  let authorization: string

  beforeAll(async () => {
    writeThingsAssembly(assembly)
    cloud = await start(assembly, data, { asynchronousRetryDelaysMs: [1, 1] })
    authorization = `Bearer ${await cloud.issueToken({
      claims: { sub: 'somebody' },
      scopes: ['things:write'],
      audience: 'things',
    })}`
  })
  afterAll(async () => {
    await cloud.close()
    for (const directory of [assembly, data]) rmSync(directory, { recursive: true })
  })

  const operator = (service: 'dynamodb' | 'sqs' | 's3' | 'kms' | 'lambda') => ({
    endpoint: cloud.endpoints[service],
    region: cloud.region,
    credentials: cloud.operator,
  })
  const request = (path: string, init: RequestInit = {}) =>
    fetch(`${cloud.outputs.Code?.Url}${path}`, { headers: { authorization }, ...init })

  /** Resolves when somebody has done an action, now or in the past. */
  const done = (action: string) =>
    new Promise<void>((resolve) => {
      const look = () => cloud.calls.counts().some((count) => count.action === action && count.allowed > 0)
      const stop = cloud.calls.subscribe(() => {
        if (!look()) return
        stop()
        resolve()
      })
      if (look()) resolve()
    })

  it('carries a request through table, stream, queue, bucket and notification, each under its own role', async () => {
    const response = await request('/things', { method: 'POST', body: JSON.stringify({ id: 'one' }) })
    expect([response.status, await response.text()]).toEqual([201, 'somebody'])

    const notified = cloud.resources.queues.find(({ logicalId }) => logicalId === 'Done')
    const sqs = new SQSClient(operator('sqs'))
    const bodies: string[] = []
    while (!bodies.some((body) => body.includes('done/one'))) {
      const { Messages } = await sqs.send(
        new ReceiveMessageCommand({ QueueUrl: notified?.url, WaitTimeSeconds: 10 }),
      )
      bodies.push(...(Messages ?? []).map(({ Body = '' }) => Body))
    }
    expect(JSON.parse(bodies[0] ?? '')).toMatchObject({ Event: 's3:TestEvent' })

    const s3 = new S3Client({ ...operator('s3'), forcePathStyle: true })
    const bucket = cloud.outputs.Data?.BucketName
    const object = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: 'done/one' }))
    expect(await object.Body?.transformToString()).toBe('one')

    await done('sqs:DeleteMessage')
    const used = cloud.calls.counts().filter(({ allowed }) => allowed > 0)
    const actionsOf = (name: string) =>
      used
        .filter(({ principal }) => principal === cloud.functions.get(name).name)
        .map(({ action }) => action)
        .sort()
    expect(actionsOf('ApiFunction')).toEqual(['dynamodb:PutItem'])
    expect(actionsOf('RelayFunction')).toEqual([
      'dynamodb:DescribeStream',
      'dynamodb:GetRecords',
      'dynamodb:GetShardIterator',
      'sqs:SendMessage',
    ])
    expect(actionsOf('WorkFunction')).toEqual(['s3:PutObject', 'sqs:DeleteMessage', 'sqs:ReceiveMessage'])
    for (const client of [sqs, s3]) client.destroy()
  })

  it('asks for a token', async () => {
    expect((await request('/things', { method: 'POST', headers: {} })).status).toBe(401)
  })

  it('refuses what the role of a function does not allow', async () => {
    const response = await request('/things')

    expect(response.status).toBe(500)
    expect(cloud.calls.counts()).toContainEqual(
      expect.objectContaining({ action: 'dynamodb:Scan', allowed: 0, denied: 1 }),
    )
  })

  it('survives a function that ends its process', async () => {
    expect((await request('/stop')).status).toBe(500)
    const { status } = await request('/things', { method: 'POST', body: JSON.stringify({ id: 'two' }) })
    expect(status).toBe(201)
  })

  it('runs a schedule when asked to, as if it were due', async () => {
    const invocations = await cloud.schedules.trigger('Nightly', Date.UTC(2026, 0, 2, 3))

    expect(invocations).toEqual([{ outcome: 'succeeded', payload: { at: '2026-01-02T03:00:00Z' } }])
  })

  it('tries an asynchronous invocation again as often as its function says, then sends it to the destination', async () => {
    const lambda = new LambdaClient(operator('lambda'))
    const sqs = new SQSClient(operator('sqs'))
    const { name, arn } = cloud.functions.get('ClockFunction')
    const event = { fail: true }
    const { StatusCode } = await lambda.send(
      new InvokeCommand({
        FunctionName: name,
        InvocationType: 'Event',
        Payload: Buffer.from(JSON.stringify(event)),
      }),
    )
    expect(StatusCode).toBe(202)
    const destination = cloud.resources.queues.find(({ logicalId }) => logicalId === 'WorkDlq')
    const { Messages: [message] = [] } = await sqs.send(
      new ReceiveMessageCommand({ QueueUrl: destination?.url, WaitTimeSeconds: 20 }),
    )
    expect(JSON.parse(message?.Body ?? '')).toMatchObject({
      requestContext: {
        functionArn: `${arn}:$LATEST`,
        condition: 'RetriesExhausted',
        approximateInvokeCount: 2,
      },
      requestPayload: event,
      responsePayload: { errorType: 'Error', errorMessage: 'failed as asked' },
    })
    for (const client of [sqs, lambda]) client.destroy()
  })

  it('lets an interceptor stand between functions and services', async () => {
    const stop = cloud.intercept({
      before: async ({ operation }) =>
        operation === 'PutItem'
          ? { kind: 'fail', fault: { status: 400, code: 'ValidationException', message: 'injected' } }
          : undefined,
    })
    const put = () => request('/things', { method: 'POST', body: JSON.stringify({ id: 'three' }) })

    expect((await put()).status).toBe(500)
    stop()
    expect((await put()).status).toBe(201)
  })

  it('keeps its data directory to itself', async () => {
    await expect(start(assembly, data)).rejects.toThrow('Another process uses the data directory')
  })

  it('has keys, and says which of their operations it does not have', async () => {
    const kms = new KMSClient(operator('kms'))
    const Plaintext = Buffer.from('secret')

    await expect(kms.send(new EncryptCommand({ KeyId: 'none', Plaintext }))).rejects.toThrow(
      "Key 'none' does not exist",
    )
    await expect(kms.send(new ListKeysCommand({}))).rejects.toThrow('does not offer kms:ListKeys')
    kms.destroy()
  })

  it('finds resources by the start of their logical id, when only one has it', () => {
    expect(cloud.functions.get('Relay').name).toMatch(/^Code-RelayFunction-/)
    expect(() => cloud.functions.get('Nothing')).toThrow('There is no function Nothing. Known: ApiFunction')
    expect(() => cloud.functions.get('')).toThrow('There is more than one function')
  })

  it('lists what the template made', () => {
    expect(cloud.resources).toMatchObject({
      tables: [{ logicalId: 'Things', hasStream: true }],
      queues: [
        { logicalId: 'WorkDlq' },
        { logicalId: 'Work', deadLetterQueue: expect.stringMatching(/^Data-WorkDlq-/), maxReceiveCount: 3 },
        { logicalId: 'Done' },
      ],
      schedules: [{ logicalId: 'Nightly', expression: 'cron(0 3 * * ? *)' }],
      httpApis: [{ logicalId: 'Api', url: cloud.outputs.Code?.Url }],
    })
  })
})

describe('a start', () => {
  let assembly: string
  let data: string
  beforeEach(() => {
    assembly = temporary()
    data = temporary()
    writeThingsAssembly(assembly)
  })
  afterEach(() => {
    for (const directory of [assembly, data]) rmSync(directory, { recursive: true })
  })

  it('finds the data of the run before', async () => {
    const item = { pk: { S: 'kept' } }
    const use = async <Result>(work: (client: DynamoDBClient, TableName: string) => Promise<Result>) => {
      const cloud = await start(assembly, data)
      const client = new DynamoDBClient({
        endpoint: cloud.endpoints.dynamodb,
        region: cloud.region,
        credentials: cloud.operator,
      })
      try {
        return await work(client, cloud.resources.tables[0]?.name ?? '')
      } finally {
        client.destroy()
        await cloud.close()
      }
    }

    await use((client, TableName) => client.send(new PutItemCommand({ TableName, Item: item })))
    const { Item } = await use((client, TableName) =>
      client.send(new GetItemCommand({ TableName, Key: item })),
    )

    expect(Item).toEqual(item)
  })

  it('names the port that is taken, and the option that changes it', async () => {
    const other = createServer()
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
    const address = other.address()
    const port = typeof address === 'object' ? (address?.port ?? 0) : 0
    try {
      await expect(start(assembly, data, { ports: { httpApi: port } })).rejects.toThrow(
        `Port ${port} is in use. Stop what listens there, or choose another with ports.httpApi.`,
      )
    } finally {
      other.close()
    }
  })

  const change = (file: string, edit: (resources: Record<string, { Properties?: object }>) => void) => {
    const path = join(assembly, file)
    const template = JSON.parse(readFileSync(path, 'utf8')) as {
      Resources: Record<string, { Properties?: object }>
    }
    edit(template.Resources)
    writeFileSync(path, JSON.stringify(template))
  }

  it.each<
    [string, string, (resources: Record<string, { Type?: string; Properties?: object }>) => void, string]
  >([
    [
      'a type that it does not know',
      'Data.template.json',
      (resources) => {
        resources.Topic = { Type: 'AWS::SNS::Topic' }
      },
      'Data.Topic (AWS::SNS::Topic): the type is not known',
    ],
    [
      'an API that may not invoke its function',
      'Code.template.json',
      (resources) => {
        delete resources.MayInvoke
      },
      'no AWS::Lambda::Permission lets API Gateway invoke ApiFunction',
    ],
    [
      'a bucket that may not send to its queue',
      'Data.template.json',
      (resources) => {
        delete resources.DonePolicy
      },
      'Unable to validate the following destination configurations',
    ],
    [
      'a role that Lambda cannot assume',
      'Code.template.json',
      (resources) => {
        resources.ApiRole = resources.ScheduleRole ?? {}
      },
      'its role cannot be assumed by Lambda',
    ],
  ])('refuses %s', async (_, file, edit, message) => {
    change(file, edit)

    await expect(start(assembly, data)).rejects.toThrow(message)
  })

  it('asks for parameters that have no value', async () => {
    await expect(start(assembly, data, { parameters: {} })).rejects.toThrow('parameter Issuer has no value')
  })
})
