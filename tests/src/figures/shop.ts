import { type ApiClient, makeApiClient } from '@stockroom/ops/api-client'
import { uploadDelivery } from '@stockroom/ops/demo/upload-delivery'
import { type LocalStage, startLocalStage } from '@stockroom/ops/local/local-stage'
import { allScopes } from '@stockroom/ops/local/scopes'

/** Runs `work` on a fresh local stage and ends it. */
export const onLocalStage = async <T>(work: (local: LocalStage) => Promise<T>): Promise<T> => {
  const local = await startLocalStage()
  try {
    return await Promise.race([work(local), local.denied, local.cloud.failed])
  } finally {
    await local.close()
  }
}

/** A client of `merchant` whose token is made once: signing one per request would be measured too. */
export const clientOf = async ({ cloud, stage }: LocalStage, merchant: string): Promise<ApiClient> => {
  const token = await cloud.issueToken({
    claims: {
      sub: `${merchant}-shop`,
      client_id: `${merchant}-shop`,
      merchant_id: merchant,
      token_use: 'access',
    },
    scopes: allScopes,
    audience: 'stockroom',
  })
  return makeApiClient(stage.ApiUrl, async () => token)
}

/** Brings `units` of each sku into stock by one delivery file. @throws Error when not every row is accepted. */
export const stockUp = async (api: ApiClient, skus: readonly string[], units: number): Promise<void> => {
  const rows = skus.map((sku) => `${sku},Article ${sku},${units},9.90`)
  const csv = `sku,name,quantity,unit_price\n${rows.join('\n')}\n`
  const { status, rowsAccepted } = await uploadDelivery(api, { filename: 'stock.csv', csv, currency: 'EUR' })
  if (rowsAccepted !== skus.length) throw new Error(`${rowsAccepted} of ${skus.length} rows taken: ${status}`)
}

/** Sends `POST /orders` for one unit of each sku under a new key, or the one given. */
export const placeOrder = (
  api: ApiClient,
  skus: readonly string[],
  idempotencyKey: string = crypto.randomUUID(),
) =>
  api({
    method: 'POST',
    path: '/orders',
    body: { lines: skus.map((sku) => ({ sku, quantity: 1 })) },
    idempotencyKey,
  })
