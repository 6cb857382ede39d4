import { createHash } from 'node:crypto'
import { makeApp } from '@stockroom/api/app'
import { makeCursors } from '@stockroom/api/cursor'
import { toRequest, toResult } from '@stockroom/api/fetch-adapter'
import { routeTable } from '@stockroom/api/route-table'
import { unlimited } from '@stockroom/api/unlimited'
import { makeCancelOrder } from '@stockroom/domain/order/cancel-order'
import { makeGetOrder } from '@stockroom/domain/order/get-order'
import { makePayOrder } from '@stockroom/domain/order/pay-order'
import { makePlaceOrder } from '@stockroom/domain/order/place-order'
import { makeGetReport } from '@stockroom/domain/report/get-report'
import { makeGetUpload } from '@stockroom/domain/upload/get-upload'
import { makeLinkRejects } from '@stockroom/domain/upload/link-rejects'
import { makeRequestUpload } from '@stockroom/domain/upload/request-upload'
import { makeListDeliveries } from '@stockroom/domain/webhook/list-deliveries'
import { makeRegisterEndpoint } from '@stockroom/domain/webhook/register-endpoint'
import { makeReplayDelivery } from '@stockroom/domain/webhook/replay-delivery'
import { makeRotateSecret } from '@stockroom/domain/webhook/rotate-secret'
import { httpFunction } from '@stockroom/lambda/http-function'
import { logger } from '@stockroom/lambda/logger'
import { count } from '@stockroom/lambda/metrics'
import type { APIGatewayProxyEventV2WithJWTAuthorizer } from 'aws-lambda'
import type { ExecutionEnvironment } from './execution-environment.ts'
import { gatedPorts } from './gated-ports.ts'
import type { VirtualStores } from './virtual-stores.ts'

const cursors = makeCursors(async () => createHash('sha256').update('simulation').digest())
/** As http.handler.ts allows for an attempt. */
const lockMs = 28_000

/** The API as http.handler.ts composes it, over ports of one environment. */
export const composeApi = (stores: VirtualStores) => (environment: ExecutionEnvironment) => {
  const { ids, clock } = stores
  const ports = gatedPorts(environment, stores)
  const desk = { ...ports, ids, clock }
  const app = makeApp(
    routeTable,
    {
      stage: 'simulation',
      readDescription: async () => ({}),
      placeOrder: makePlaceOrder(desk),
      payOrder: makePayOrder(desk),
      cancelOrder: makeCancelOrder(desk),
      getOrder: makeGetOrder(desk),
      getReport: makeGetReport(ports),
      orders: ports.orders,
      products: ports.products,
      cursors,
      requestUpload: makeRequestUpload({ ...desk, forms: stores.forms }),
      getUpload: makeGetUpload(ports),
      linkRejects: makeLinkRejects({ ...desk, rejectLinks: stores.rejectFiles }),
      once: stores.idempotency.for(environment, () => clock.now().getTime(), lockMs),
      registerEndpoint: makeRegisterEndpoint({
        ...desk,
        registry: ports.endpoints,
        targets: { refusal: async () => undefined },
      }),
      rotateSecret: makeRotateSecret({ ...desk, registry: ports.endpoints }),
      listDeliveries: makeListDeliveries(ports),
      replayDelivery: makeReplayDelivery({ ...desk, replays: ports.deliveries }),
      webhookEndpoints: ports.endpoints,
      webhookRegistry: ports.endpoints,
    },
    {
      limiter: unlimited,
      onFailure: (error) => {
        count('RequestFailed')
        logger.error('Request failed', { error })
      },
    },
  )
  return httpFunction<APIGatewayProxyEventV2WithJWTAuthorizer>(async (event, cause) =>
    toResult(
      await app.fetch(toRequest(event), {
        routeKey: event.routeKey,
        claims: event.requestContext.authorizer.jwt.claims,
        cause,
      }),
    ),
  )
}
