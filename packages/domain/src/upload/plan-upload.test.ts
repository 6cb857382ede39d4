import { describe, expect, test } from 'vitest'
import { FileGone } from './delivery-files.ts'
import { type UploadShop, uploadShop } from './upload-shop.ts'

const header = 'sku,name,quantity,unit_price\n'
const rows = (count: number) => Array.from({ length: count }, (_, i) => `sku-${i},Name,1,1\n`).join('')
const file = (count: number) => Buffer.from(header + rows(count))
const upload = (shop: UploadShop, address: Awaited<ReturnType<UploadShop['request']>>) =>
  shop.uploads.find(address.merchant, address.uploadId)

describe('planUpload', () => {
  test('writes the plan with its event and enqueues each chunk', async () => {
    const shop = uploadShop()
    const address = await shop.request()
    shop.files.put(address, file(10))
    await shop.planUpload(address)
    expect(await upload(shop, address)).toMatchObject({
      status: 'importing',
      version: 1,
      chunks: 3,
      rows: 10,
    })
    expect(shop.queue.messages).toEqual(
      [1, 2, 3].map((chunk) => ({ address: { ...address, chunk }, cause: { correlationId: 'request-1' } })),
    )
    expect(shop.outbox).toEqual([
      expect.objectContaining({
        type: 'upload.planned.v1',
        subject: address.uploadId,
        sequence: '0000000001',
        correlationid: 'request-1',
        data: { filename: 'delivery.csv', sizeBytes: file(10).length, chunks: 3 },
      }),
    ])
  })

  test('told again, sends the chunks of the stored plan again and nothing else', async () => {
    const calls: string[] = []
    const shop = uploadShop({
      around: (name, call) => {
        calls.push(name)
        return call()
      },
    })
    const address = await shop.request()
    shop.files.put(address, file(5))
    await shop.planUpload(address)
    const before = await upload(shop, address)
    shop.files.put(address, file(50))
    calls.length = 0
    await shop.planUpload(address)
    expect(calls).toEqual(['find', 'send'])
    expect(await upload(shop, address)).toEqual(before)
    expect(shop.outbox).toHaveLength(1)
    expect(shop.queue.messages.map(({ address: { chunk } }) => chunk)).toEqual([1, 2, 1, 2])
  })

  test('of two deliveries at once one plan stands, and both send its chunks', async () => {
    const shop = uploadShop()
    const address = await shop.request()
    shop.files.put(address, file(5))
    await Promise.all([shop.planUpload(address), shop.planUpload(address)])
    expect(shop.outbox).toHaveLength(1)
    expect(shop.queue.messages).toHaveLength(4)
  })

  test('plans what stands at the key now, whichever upload the notification was about', async () => {
    const shop = uploadShop()
    const address = await shop.request()
    shop.files.put(address, file(50))
    shop.files.put(address, file(3))
    await shop.planUpload(address)
    await shop.planUpload(address)
    expect(await upload(shop, address)).toMatchObject({ rows: 3, chunks: 1 })
  })

  test.each<[string, string, (shop: UploadShop, address: Parameters<UploadShop['planUpload']>[0]) => void]>([
    ['a file that is gone', 'file.missing', () => {}],
    ['no bytes', 'file.empty', (shop, address) => shop.files.put(address, Buffer.alloc(0))],
    ['no rows', 'file.empty', (shop, address) => shop.files.put(address, file(0))],
    ['another type', 'file.wrong_type', (shop, address) => shop.files.put(address, file(1), 'text/html')],
    ['too many bytes', 'file.wrong_size', (shop, address) => shop.files.put(address, file(100))],
    [
      'a missing column',
      'header.column_missing',
      (shop, address) => shop.files.put(address, Buffer.from('sku\na')),
    ],
  ])('refuses %s with its event, and enqueues nothing', async (_, code, arrange) => {
    const shop = uploadShop({ limits: { fileBytes: 1_000 } })
    const address = await shop.request()
    arrange(shop, address)
    await shop.planUpload(address)
    await shop.planUpload(address)
    const found = await upload(shop, address)
    expect(found).toMatchObject({ status: 'refused', version: 1, code, reason: expect.any(String) })
    expect(shop.queue.messages).toEqual([])
    expect(shop.outbox).toEqual([
      expect.objectContaining({ type: 'upload.refused.v1', data: expect.objectContaining({ code }) }),
    ])
  })

  test('refuses a size that was not agreed', async () => {
    const shop = uploadShop()
    const address = await shop.request({ sizeBytes: file(2).length })
    shop.files.put(address, file(3))
    await shop.planUpload(address)
    expect(await upload(shop, address)).toMatchObject({ code: 'file.wrong_size' })
  })

  test('a file that is overwritten while it is scanned is planned by the next delivery', async () => {
    let overwrite = () => {}
    const shop = uploadShop({
      around: (name, call) => {
        if (name === 'stream') overwrite()
        return call()
      },
    })
    const address = await shop.request()
    shop.files.put(address, file(3))
    overwrite = () => {
      overwrite = () => {}
      shop.files.put(address, file(7))
    }
    await expect(shop.planUpload(address)).rejects.toThrow(FileGone)
    await shop.planUpload(address)
    expect(await upload(shop, address)).toMatchObject({ status: 'importing', rows: 7 })
  })

  test('knows no upload that was not requested', async () => {
    const shop = uploadShop()
    const address = await shop.request()
    const other = uploadShop()
    await expect(other.planUpload(address)).rejects.toThrow(address.uploadId)
  })
})
