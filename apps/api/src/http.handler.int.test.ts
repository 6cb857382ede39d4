import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { bundleFunction } from '@stockroom/bundle/bundle-function'
import { afterAll, beforeAll, expect, test } from 'vitest'
import * as z from 'zod/mini'

/** What the bundled function answered, and which of Node's modules were loaded once it had, in a process of its own. */
const Report = z.object({ status: z.int(), body: z.string(), loaded: z.array(z.string()) })

const script = `
const event = { version: '2.0', routeKey: 'GET /health', rawPath: '/health', rawQueryString: '', headers: {}, isBase64Encoded: false,
  requestContext: { requestId: 'r', domainName: 'api.example', http: { method: 'GET', path: '/health' } } }
require('./http/index.js').handler(event, { functionName: 'api' }).then(({ statusCode, body }) =>
  require('node:fs').writeFileSync('report.json', JSON.stringify({ status: statusCode, body, loaded: process.moduleLoadList })))
`

/** Every variable that a function may have; env.ts takes those it knows. */
const environment = Object.fromEntries(
  [
    'STAGE',
    'SHOP_TABLE_NAME',
    'OUTBOX_TABLE_NAME',
    'WEBHOOKS_TABLE_NAME',
    'IDEMPOTENCY_TABLE_NAME',
    'UPLOADS_BUCKET_NAME',
    'EXPORTS_BUCKET_NAME',
    'DELIVERIES_QUEUE_URL',
    'CURSOR_KEY_ID',
    'SECRETS_KEY_ID',
  ].map((name) => [name, 'test']),
)

let directory: string
let initialBytes: number
let report: z.infer<typeof Report>

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'api-'))
  const bundle = await bundleFunction(join(import.meta.dirname, 'http.handler.ts'), join(directory, 'http'))
  initialBytes = bundle.initialBytes
  await writeFile(join(directory, 'ask.cjs'), script)
  await promisify(execFile)(process.execPath, ['ask.cjs'], {
    cwd: directory,
    env: {
      ...environment,
      RATE_LIMIT_PER_SECOND: '100',
      RATE_LIMIT_BURST: '200',
      WEBHOOK_ALLOWED_NETWORKS: '',
      AWS_REGION: 'eu-west-1',
    },
  })
  report = Report.parse(JSON.parse(await readFile(join(directory, 'report.json'), 'utf8')))
})
afterAll(() => rm(directory, { recursive: true }))

test('answers from its bundle', () => {
  expect(report).toMatchObject({ status: 200, body: '{"status":"ok","stage":"test"}' })
})

test('loads neither undici nor what the SDK has for other places than Lambda', () => {
  expect(report.loaded.filter((module) => /undici|child_process|dgram|http2/.test(module))).toEqual([])
})

test('keeps its cold start below 600 KB of code', () => {
  expect(initialBytes).toBeLessThan(600 * 1024)
})
