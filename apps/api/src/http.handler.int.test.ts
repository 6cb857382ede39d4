import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { bundleFunction } from '@stockroom/bundle/bundle-function'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import * as z from 'zod/mini'
import { ProblemDetails } from './problem.ts'
import { routeTable } from './route-table.ts'

/** What the bundled function answered, and which of Node's modules were loaded once it had, in a process of its own. */
const Report = z.object({
  answers: z.array(
    z.object({
      statusCode: z.int(),
      headers: z.record(z.string(), z.string()),
      body: z.string(),
    }),
  ),
  loaded: z.array(z.string()),
})

/** Hands the events of a file to the bundle, each as an invocation with so many milliseconds left, and writes down what came of them. */
const script = `
const { readFileSync, writeFileSync } = require('node:fs')
const { events, milliseconds } = JSON.parse(readFileSync(process.argv[2], 'utf8'))
const run = async () => {
  const { handler } = require('./http/index.js')
  const answers = []
  for (const event of events) {
    const end = Date.now() + milliseconds
    answers.push(await handler(event, { functionName: 'api', awsRequestId: 'r', getRemainingTimeInMillis: () => end - Date.now() }))
  }
  writeFileSync(process.argv[3], JSON.stringify({ answers, loaded: process.moduleLoadList }))
  process.exit(0)
}
// The message only: Node would print the bundle's line, which is all of it.
run().catch((error) => {
  console.error(error.message)
  process.exit(1)
})
`

/** Every variable of env.ts. */
const environment: Readonly<Record<string, string>> = {
  STAGE: 'test',
  SHOP_TABLE_NAME: 'test',
  OUTBOX_TABLE_NAME: 'test',
  WEBHOOKS_TABLE_NAME: 'test',
  IDEMPOTENCY_TABLE_NAME: 'test',
  UPLOADS_BUCKET_NAME: 'test',
  EXPORTS_BUCKET_NAME: 'test',
  CURSOR_KEY_ID: 'test',
  SECRETS_KEY_ID: 'test',
  RATE_LIMIT_PER_SECOND: '100',
  RATE_LIMIT_BURST: '200',
  WEBHOOK_ALLOWED_NETWORKS: '',
}

const ulid = '01KAR3ZJ5T8Q6W2V9X4Y7B1C3D'
const prefixes = { orders: 'ord', uploads: 'upl', 'webhook-endpoints': 'whk' }

/** A well-formed request of each route: what its parameters, its query and its body need to get past the schemas. */
const aPath = (path: string): string =>
  path
    .replace('{sku}', 'tea')
    .replace('{date}', '2026-11-22')
    .replace('{eventId}', `evt_${ulid}`)
    .replace(/^\/([\w-]+)\/\{id\}/, (_, list: keyof typeof prefixes) => `/${list}/${prefixes[list]}_${ulid}`)
const bodies: Readonly<Record<string, unknown>> = {
  placeOrder: { lines: [{ sku: 'tea', quantity: 1 }] },
  payOrder: { amount: 250, currency: 'EUR', reference: 'p' },
  requestUpload: { filename: 'a.csv', currency: 'EUR' },
  registerWebhookEndpoint: { url: 'https://93.184.216.34/hook' },
  rotateWebhookSecret: {},
}

const eventOf = ({ method, path, operationId, scope }: (typeof routeTable)[number]) => ({
  version: '2.0',
  routeKey: `${method} ${path}`,
  rawPath: aPath(path),
  rawQueryString: '',
  headers: { 'content-type': 'application/json', 'idempotency-key': `k-${operationId}` },
  isBase64Encoded: false,
  ...(operationId in bodies && { body: JSON.stringify(bodies[operationId]) }),
  requestContext: {
    requestId: 'r',
    domainName: 'api.example',
    http: { method, path: aPath(path) },
    ...(scope !== 'public' && {
      authorizer: { jwt: { claims: { merchant_id: 'acme', client_id: 'till-1', scope } } },
    }),
  },
})

let directory: string
let initialBytes: number
let asked = 0

/** What the bundle answers to `events` with `milliseconds` of time for each. @throws Error with its output when it ends otherwise. */
const ask = async (
  events: readonly unknown[],
  env: Readonly<Record<string, string>> = environment,
  milliseconds = 10_000,
): Promise<z.infer<typeof Report>> => {
  const [input, output] = [`events-${++asked}.json`, `report-${asked}.json`]
  await writeFile(join(directory, input), JSON.stringify({ events, milliseconds }))
  await promisify(execFile)(process.execPath, ['ask.cjs', input, output], {
    cwd: directory,
    env: { AWS_REGION: 'eu-west-1', AWS_ACCESS_KEY_ID: 'x', AWS_SECRET_ACCESS_KEY: 'x', ...env },
  })
  return Report.parse(JSON.parse(await readFile(join(directory, output), 'utf8')))
}

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'api-'))
  const bundle = await bundleFunction(join(import.meta.dirname, 'http.handler.ts'), join(directory, 'http'))
  initialBytes = bundle.initialBytes
  await writeFile(join(directory, 'ask.cjs'), script)
  await writeFile(join(directory, 'http/openapi.json'), '{}')
})
afterAll(() => rm(directory, { recursive: true }))

describe('the bundle', () => {
  const health = routeTable.filter(({ operationId }) => operationId === 'getHealth').map(eventOf)

  test('answers, and loads neither undici nor what the SDK has for other places than Lambda', async () => {
    const { answers, loaded } = await ask(health)
    expect(answers).toMatchObject([{ statusCode: 200, body: '{"status":"ok","stage":"test"}' }])
    expect(loaded.filter((module) => /undici|child_process|dgram|http2/.test(module))).toEqual([])
  })

  test('keeps its cold start below 600 KB of code', () => {
    expect(initialBytes).toBeLessThan(600 * 1024)
  })

  test.each(Object.keys(environment))(
    'does not start without %s, and says so without a value',
    async (name) => {
      const { [name]: _, ...rest } = environment
      const failed = await ask(health, { ...rest, OTHER: 'canary-value' }).then(String, String)
      expect(failed).toContain(`Environment: ${name} is missing`)
      expect(failed).not.toContain('canary-value')
    },
  )

  test.each(['', '0', '-1', '1e3', 'many'])('does not start with a rate of %j', async (rate) => {
    const failed = await ask(health, { ...environment, RATE_LIMIT_PER_SECOND: rate }).then(String, String)
    expect(failed).toContain('RATE_LIMIT_PER_SECOND is malformed')
  })
})

describe('when no service answers', () => {
  let hole: Server
  let endpoint: string

  beforeAll(async () => {
    // Takes connections and says nothing.
    hole = createServer((socket) => socket.on('error', () => undefined))
    await new Promise<void>((listening) => hole.listen(0, '127.0.0.1', listening))
    const address = hole.address()
    endpoint = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`
  })
  afterAll(() => hole.close())

  test('each route still answers in time: 503 and when to come again, or what needs no service', async () => {
    const { answers } = await ask(
      routeTable.map(eventOf),
      { ...environment, AWS_ENDPOINT_URL: endpoint },
      1_300,
    )
    const told = answers.map(({ statusCode, headers, body }, n) => {
      const code = statusCode === 200 ? 'well' : ProblemDetails.parse(JSON.parse(body)).code
      return [routeTable[n]?.operationId, statusCode, code, headers['retry-after']]
    })
    const expected = routeTable.map(({ operationId, scope }) =>
      scope === 'public'
        ? [operationId, 200, 'well', undefined]
        : [operationId, 503, 'server.unanswered', '1'],
    )
    expect(told).toEqual(expected)
  })
})
