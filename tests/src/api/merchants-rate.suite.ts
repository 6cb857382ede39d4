import { PutItemCommand } from '@aws-sdk/client-dynamodb'
import { marshall } from '@aws-sdk/util-dynamodb'
import { rateLimitKey } from '@stockroom/adapters/dynamodb/keys'
import { MerchantId } from '@stockroom/domain/merchant-id'
import { describe, expect, it, vi } from 'vitest'
import type { Api } from './an-api.ts'

/** The limit of requests, over the buckets that the execution environments of the real bundle share. */
export const merchantsRate = (api: () => Api) =>
  describe('a merchant', () => {
    const path = '/reports/2026-11-22'

    it('whose bucket others have emptied is told when to come again, and nobody else is', async () => {
      const { local, issue, call } = api()
      const token = await issue({ merchant: 'umbrella' })
      expect((await call('GET', path, { token })).status).toBe(404)
      const fullAt = Date.now() + 60_000
      await local.access.dynamodb.send(
        new PutItemCommand({
          TableName: local.stage.ShopTableName,
          Item: marshall({ ...rateLimitKey(MerchantId.parse('umbrella')), fullAt }),
        }),
      )
      for (const [method, to] of [
        ['GET', path],
        ['POST', '/orders'],
      ] as const) {
        // A request passes when the bucket does not answer at once, as on a machine that is busy.
        const { body, type, headers } = await vi.waitFor(
          async () => {
            const answer = await call(method, to, { token })
            expect(answer.status).toBe(429)
            return answer
          },
          { timeout: 30_000 },
        )
        expect([body.code, type]).toEqual(['caller.rate_limited', 'application/problem+json'])
        expect(Number(headers.get('retry-after'))).toBeGreaterThan(1)
      }
      expect((await call('GET', path)).status).toBe(404)
    })

    it('that asks often costs a fraction of a write for each request', async () => {
      const { local, issue, call } = api()
      const token = await issue({ merchant: 'hooli' })
      let leases = 0
      const stop = local.cloud.calls.subscribe(({ operation, principal }) => {
        if (principal.includes('Http') && operation === 'UpdateItem') leases += 1
      })
      for (let n = 0; n < 60; n++) expect((await call('GET', path, { token })).status).toBe(404)
      stop()
      expect(leases).toBeGreaterThan(0)
      expect(leases).toBeLessThan(30)
    })
  })
