import { randomUUID } from 'node:crypto'
import { paginateScan } from '@aws-sdk/client-dynamodb'
import { ReceiveMessageCommand } from '@aws-sdk/client-sqs'
import { unmarshall } from '@aws-sdk/util-dynamodb'
import { uploadDelivery } from '@stockroom/ops/demo/upload-delivery'
import { describe, expect, it, vi } from 'vitest'
import { type Api, keyed } from './an-api.ts'

/** Plants what is recognisable, lets it go all the way to the subscriber, and looks for it, and for every secret of the tests before, where it must not be. */
export const canaries = (api: () => Api, logged: () => readonly string[]) =>
  describe('a canary', () => {
    const canary = (name: string) => `canary-${name}-${randomUUID()}`

    it('is found in no log line, no refusal, no queue; a secret also in no event and no table', async () => {
      const { local, call, secrets, refusals, tokens } = api()
      const { access, stage, receiver } = local
      const told = {
        header: canary('header'),
        cookie: canary('cookie'),
        query: canary('query'),
        member: canary('member'),
        cell: canary('cell'),
        filename: canary('filename'),
        reference: canary('reference'),
      }
      const key = canary('key')
      const headers = { ...keyed(key), 'x-api-key': told.header, cookie: `session=${told.cookie}` }

      const url = receiver.urlOf('canary')
      const endpoint = await call('POST', '/webhook-endpoints', { headers, body: { url } })
      receiver.trust('canary', endpoint.body.secret)
      secrets.add(endpoint.body.secret)
      await uploadDelivery(local.target.api('acme'), {
        filename: `${told.filename}.csv`,
        csv: `sku,name,quantity,unit_price\nCANARY,Canary,1,1.00\nCANARY,Canary,${told.cell},1.00\n`,
        currency: 'EUR',
      })
      const form = await call('POST', '/uploads', { headers, body: { filename: 'a.csv', currency: 'EUR' } })
      secrets.add(form.body.form.fields['X-Amz-Signature'] ?? form.body.form.fields['x-amz-signature'])
      const order = { lines: [{ sku: 'CANARY', quantity: 1 }], reference: told.reference }
      expect((await call('POST', '/orders', { headers, body: order })).status).toBe(201)
      await call('POST', '/orders', { headers, body: { ...order, holdSeconds: 1 } })
      await call('POST', '/orders', { headers, body: { ...order, [told.member]: told.member } })
      await call('POST', '/orders', { headers, raw: `{"${told.member}` })
      await call('GET', `/orders?cursor=${told.query}`, { headers })
      await call('GET', `/${told.query}`, { headers })
      await call('GET', '/orders', { token: `${tokens.acme}x` })
      await vi.waitFor(() => expect(receiver.inboxes().get(url)?.events).not.toEqual([]), {
        timeout: 30_000,
        interval: 100,
      })

      const { ShopTableName, OutboxTableName, WebhooksTableName } = stage
      const stored: string[] = []
      for (const TableName of [ShopTableName, OutboxTableName, WebhooksTableName])
        for await (const { Items = [] } of paginateScan({ client: access.dynamodb }, { TableName }))
          stored.push(...Items.map((item) => JSON.stringify(unmarshall(item))))
      const queued: string[] = []
      for (const { url: QueueUrl } of stage.queues) {
        const { Messages = [] } = await access.sqs.send(
          new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, VisibilityTimeout: 0 }),
        )
        queued.push(...Messages.map(({ Body = '' }) => Body))
      }

      // So that what follows looks at something, and would see it.
      expect(logged().some((line) => line.includes('POST /orders'))).toBe(true)
      expect(stored.some((item) => item.includes(told.reference))).toBe(true)
      expect(refusals.length).toBeGreaterThan(10)
      expect(secrets.size).toBeGreaterThan(20)

      const places = { logged: logged(), refusals, queued, stored }
      const found = (needles: Iterable<string>, haystacks: readonly (keyof typeof places)[]) =>
        haystacks.flatMap((place) =>
          [...needles].flatMap((needle) =>
            places[place].filter((text) => text.includes(needle)).map((text) => ({ place, needle, text })),
          ),
        )
      expect(found(secrets, ['logged', 'refusals', 'queued', 'stored'])).toEqual([])
      const { member, ...values } = told
      expect(found([...Object.values(values), member], ['logged'])).toEqual([])
      expect(found(Object.values(values), ['refusals', 'queued'])).toEqual([])
    })
  })
