import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { busyWhenThrottled } from '@stockroom/adapters/dynamodb/busy-when-throttled'
import { dynamoDbClient, kmsClient } from '@stockroom/lambda/aws-clients'
import { derivedKey } from '@stockroom/lambda/derived-key'
import { httpFunction } from '@stockroom/lambda/http-function'
import { logger } from '@stockroom/lambda/logger'
import { count } from '@stockroom/lambda/metrics'
import { s3Client } from '@stockroom/lambda/s3-client'
import type { APIGatewayProxyEventV2WithJWTAuthorizer } from 'aws-lambda'
import { makeApp } from './app.ts'
import { makeCursors } from './cursor.ts'
import { env } from './env.ts'
import { toRequest, toResult } from './fetch-adapter.ts'
import { useLightFetch } from './light-fetch.ts'
import { rateLimiter } from './rate-limiter.ts'
import { type Deps, routeTable } from './route-table.ts'
import { shopDeps } from './shop-deps.ts'
import { uploadDeps } from './upload-deps.ts'
import { webhookDeps } from './webhook-deps.ts'

useLightFetch()

const [dynamoDb, s3, kms] = [busyWhenThrottled(dynamoDbClient()), s3Client(), kmsClient()]
const cursors = makeCursors(derivedKey(kms, env.CURSOR_KEY_ID, 'stockroom/cursor-key/v1'))
const deps: Deps = {
  stage: env.STAGE,
  // Beside the bundle, and read only when somebody asks for it.
  readDescription: async () => JSON.parse(await readFile(join(import.meta.dirname, 'openapi.json'), 'utf8')),
  ...shopDeps({ dynamoDb, s3, cursors }),
  ...uploadDeps({ dynamoDb, s3 }),
  ...webhookDeps({ dynamoDb, kms }),
}
const app = makeApp(routeTable, deps, {
  limiter: rateLimiter(dynamoDb),
  onFailure: (error) => {
    count('RequestFailed')
    logger.error('Request failed', { error })
  },
})

/** HTTP API, payload 2.0. Answers every failure itself as a problem; next stop of a request: the slice's file in routes/. */
export const handler = httpFunction<APIGatewayProxyEventV2WithJWTAuthorizer>(async (event, cause) =>
  toResult(
    await app.fetch(toRequest(event), {
      routeKey: event.routeKey,
      claims: event.requestContext.authorizer?.jwt.claims,
      cause,
    }),
  ),
)
