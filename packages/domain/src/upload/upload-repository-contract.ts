import { describe, expect, test } from 'vitest'
import { CountingIds } from '../counting-ids.ts'
import type { StockroomEvent } from '../events/catalogue.ts'
import { ManualClock } from '../manual-clock.ts'
import type { MerchantId } from '../merchant-id.ts'
import { Currency } from '../money.ts'
import type { ProductRepository } from '../product/product-repository.ts'
import { Sku } from '../sku.ts'
import { applyPart } from './apply-part.ts'
import { decideImport } from './decide-import.ts'
import { decidePlan } from './decide-plan.ts'
import type { UploadIn } from './delivery-upload.ts'
import type { SkuDelivery } from './stock-parts.ts'
import { uploadLimits } from './upload-limits.ts'
import type { UploadPlan } from './upload-plan.ts'
import type { UploadRepository } from './upload-repository.ts'

/** What a store's test brings to the contract. */
export interface UploadSetup {
  readonly uploads: UploadRepository
  readonly products: ProductRepository
  /** The events in the outbox envelopes of an aggregate, in order. */
  events(merchant: MerchantId, subject: string): Promise<readonly StockroomEvent[]>
}

const source = { ids: new CountingIds(), clock: new ManualClock() }
const cause = {
  correlationId: 'request-1',
  traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
}

const anUpload = (merchant: MerchantId): UploadIn<'awaiting_upload'> => ({
  id: source.ids.next('upl'),
  merchant,
  filename: 'März.csv',
  currency: Currency.parse('EUR'),
  sizeBytes: 100,
  requestedAt: '2026-11-23T09:00:00.000Z',
  expiresAt: '2026-11-23T09:05:00.000Z',
  cause,
  status: 'awaiting_upload',
  version: 0,
})
const aPlan = (chunks: number): UploadPlan => ({
  columns: { count: 5, sku: 4, name: 3, quantity: 2, unitPrice: 0 },
  partSkus: uploadLimits.partSkus,
  chunks: Array.from({ length: chunks }, (_, index) => ({
    start: 29 + index * 10,
    end: 39 + index * 10,
    line: 2 + index,
    rows: 1,
  })),
})
const aDelivery = (sku: string, quantity = 1, currency = 'EUR'): SkuDelivery => ({
  stock: {
    kind: 'receive',
    sku: Sku.parse(sku),
    quantity,
    name: `The ${sku}`,
    unitPrice: { amount: 250, currency: Currency.parse(currency) },
  },
  lines: [2],
})

/** What every UploadRepository promises. `merchant` gives a new one each time, so that the store may be shared. */
export const uploadRepositoryContract = (
  name: string,
  setup: () => UploadSetup,
  merchant: () => MerchantId,
) =>
  describe(`${name} as UploadRepository`, () => {
    const planned = async (shop: MerchantId, chunks = 1) => {
      const upload = anUpload(shop)
      await setup().uploads.create(upload)
      const file = { eTag: 'e', versionId: 'v', sizeBytes: 100 }
      const change = decidePlan(source, upload, { file, plan: aPlan(chunks) })
      expect(await setup().uploads.commit(change)).toBe('committed')
      if (change.upload.status !== 'importing') throw new Error('not planned')
      return change.upload
    }
    const received = async (shop: MerchantId, ...skus: readonly string[]) => {
      const found = await setup().products.findAll(
        shop,
        skus.map((sku) => Sku.parse(sku)),
      )
      return skus.map((sku) => found.get(Sku.parse(sku))?.received)
    }
    const apply = (upload: UploadIn<'importing'>, part: number, deliveries: readonly SkuDelivery[]) =>
      applyPart(
        { uploads: setup().uploads, ...source },
        { address: { merchant: upload.merchant, uploadId: upload.id, chunk: 1 }, part, deliveries, cause },
      )

    test('finds what was created, with and without its optional members, and creates nothing twice', async () => {
      const { sizeBytes: _, ...upload } = { ...anUpload(merchant()), cause: { correlationId: 'c' } }
      const other = anUpload(upload.merchant)
      for (const each of [upload, other]) await setup().uploads.create(each)
      expect(await setup().uploads.find(upload.merchant, upload.id)).toEqual(upload)
      expect(await setup().uploads.find(other.merchant, other.id)).toEqual(other)
      expect(await setup().uploads.findPlan(upload.merchant, upload.id)).toBeUndefined()
      await expect(setup().uploads.create(upload)).rejects.toThrow()
    })

    test('commits plan, state and event together, once', async () => {
      const upload = anUpload(merchant())
      await setup().uploads.create(upload)
      const plan = aPlan(700)
      const changes = [1, 2].map(() =>
        decidePlan(source, upload, { file: { eTag: 'e', sizeBytes: 9 }, plan }),
      )
      const outcomes = await Promise.all(changes.map((change) => setup().uploads.commit(change)))
      expect(outcomes.toSorted()).toEqual(['committed', 'version_moved'])
      const won = changes[outcomes.indexOf('committed')]
      expect(await setup().uploads.find(upload.merchant, upload.id)).toEqual(won?.upload)
      expect(await setup().uploads.findPlan(upload.merchant, upload.id)).toEqual(plan)
      expect(await setup().events(upload.merchant, upload.id)).toEqual([won?.event])
    })

    test('commits a refusal', async () => {
      const upload = anUpload(merchant())
      await setup().uploads.create(upload)
      const change = decidePlan(source, upload, { code: 'file.empty', reason: 'The file has no rows' })
      expect(await setup().uploads.commit(change)).toBe('committed')
      expect(await setup().uploads.commit(change)).toBe('version_moved')
      expect(await setup().uploads.find(upload.merchant, upload.id)).toEqual(change.upload)
      expect(await setup().events(upload.merchant, upload.id)).toEqual([change.event])
    })

    test('commits nothing for an upload that does not exist', async () => {
      const change = decidePlan(source, anUpload(merchant()), { code: 'file.empty', reason: 'none' })
      expect(await setup().uploads.commit(change)).toBe('version_moved')
      expect(await setup().events(change.upload.merchant, change.upload.id)).toEqual([])
    })

    test('a part of the most skus adds its stock, its event and its marker', async () => {
      const upload = await planned(merchant())
      const skus = Array.from({ length: uploadLimits.partSkus }, (_, i) => `sku-${i}`)
      const marker = await apply(
        upload,
        1,
        skus.map((sku) => aDelivery(sku, 3)),
      )
      expect(marker).toEqual({ rowsAccepted: skus.length, refusedSkus: [] })
      expect(await received(upload.merchant, 'sku-0', 'sku-97')).toEqual([3, 3])
      expect(await setup().events(upload.merchant, `${upload.id}/00001/00001`)).toMatchObject([
        {
          type: 'stock.received.v1',
          sequence: '0000000001',
          traceparent: cause.traceparent,
          data: { items: { length: 98 } },
        },
      ])
    })

    test('a part is applied once, however often and however much at once it is asked for', async () => {
      const upload = await planned(merchant())
      await Promise.all(
        Array.from({ length: 5 }, () => apply(upload, 1, [aDelivery('tea', 3), aDelivery('pot', 1)])),
      )
      expect(await apply(upload, 1, [aDelivery('tea', 3), aDelivery('pot', 1)])).toMatchObject({
        rowsAccepted: 2,
      })
      expect(await received(upload.merchant, 'tea', 'pot')).toEqual([3, 1])
      expect(await setup().events(upload.merchant, `${upload.id}/00001/00001`)).toHaveLength(1)
    })

    test('a sku in another currency is left out and remembered as refused', async () => {
      const upload = await planned(merchant())
      await apply(upload, 1, [aDelivery('gin', 9, 'GBP')])
      const marker = { rowsAccepted: 1, refusedSkus: ['gin'] }
      expect(await apply(upload, 2, [aDelivery('gin', 5), aDelivery('tea', 3)])).toEqual(marker)
      expect(await apply(upload, 2, [aDelivery('gin', 5), aDelivery('tea', 3)])).toEqual(marker)
      expect(await apply(upload, 3, [aDelivery('gin', 5)])).toEqual({ rowsAccepted: 0, refusedSkus: ['gin'] })
      expect(await received(upload.merchant, 'gin', 'tea')).toEqual([9, 3])
      expect(await setup().events(upload.merchant, `${upload.id}/00001/00003`)).toEqual([])
      const [product] = (await setup().products.findAll(upload.merchant, [Sku.parse('gin')])).values()
      expect(product?.unitPrice.currency).toBe('GBP')
    })

    test('a part with nothing to add is marked all the same', async () => {
      const upload = await planned(merchant())
      await apply(upload, 1, [])
      expect(await apply(upload, 1, [aDelivery('tea')])).toEqual({ rowsAccepted: 0, refusedSkus: [] })
      expect(await received(upload.merchant, 'tea')).toEqual([undefined])
    })

    test('knows the progress of a chunk and not that of others', async () => {
      const upload = await planned(merchant(), 12)
      const address = { merchant: upload.merchant, uploadId: upload.id, chunk: 1 }
      expect(await setup().uploads.chunkProgress(address)).toEqual({ closed: false, parts: new Map() })
      for (let part = 1; part <= 11; part++) await apply(upload, part, [aDelivery(`sku-${part}`)])
      await setup().uploads.closeChunk({ ...address, chunk: 10 }, { rowsAccepted: 1, rowsRejected: 0 })
      const { closed, parts } = await setup().uploads.chunkProgress(address)
      expect([closed, [...parts.keys()].toSorted((a, b) => a - b)]).toEqual([
        false,
        [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11],
      ])
      expect(parts.get(3)).toEqual({ rowsAccepted: 1, refusedSkus: [] })
      await setup().uploads.closeChunk(address, { rowsAccepted: 1, rowsRejected: 0 })
      expect((await setup().uploads.chunkProgress(address)).closed).toBe(true)
      expect((await setup().uploads.chunkProgress({ ...address, chunk: 2 })).closed).toBe(false)
    })

    test('chunks that close at once are each counted once, and the upload ends with its event', async () => {
      const upload = await planned(merchant(), 4)
      const outcomes = await Promise.all(
        [1, 2, 3, 4, 1, 2, 3, 4].map((chunk) =>
          setup().uploads.closeChunk(
            { merchant: upload.merchant, uploadId: upload.id, chunk },
            { rowsAccepted: chunk % 2, rowsRejected: (chunk + 1) % 2 },
          ),
        ),
      )
      expect(outcomes.filter((outcome) => outcome === 'closed')).toHaveLength(4)
      const counted = await setup().uploads.find(upload.merchant, upload.id)
      expect(counted).toEqual({ ...upload, chunksClosed: 4, rowsAccepted: 2, rowsRejected: 2 })
      if (counted?.status !== 'importing') throw new Error('not importing')

      const change = decideImport(source, counted)
      expect(await setup().uploads.commit(change)).toBe('committed')
      expect(await setup().uploads.commit(decideImport(source, counted))).toBe('version_moved')
      expect(await setup().uploads.find(upload.merchant, upload.id)).toEqual(change.upload)
      expect(await setup().events(upload.merchant, upload.id)).toMatchObject([
        { type: 'upload.planned.v1' },
        { ...change.event },
      ])
    })

    test("never reaches another merchant's upload", async () => {
      const [shop, other] = [merchant(), merchant()]
      const upload = await planned(shop)
      expect(await setup().uploads.find(other, upload.id)).toBeUndefined()
      expect(await setup().uploads.findPlan(other, upload.id)).toBeUndefined()
      await expect(
        setup().uploads.closeChunk(
          { merchant: other, uploadId: upload.id, chunk: 1 },
          { rowsAccepted: 1, rowsRejected: 0 },
        ),
      ).rejects.toThrow()
      expect(await setup().uploads.find(shop, upload.id)).toEqual(upload)
    })
  })
