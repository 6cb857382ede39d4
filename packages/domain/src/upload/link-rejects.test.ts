import { expect, test } from 'vitest'
import { UploadId } from '../ids.ts'
import { MerchantId } from '../merchant-id.ts'
import { makeGetUpload } from './get-upload.ts'
import { makeLinkRejects } from './link-rejects.ts'
import { uploadShop } from './upload-shop.ts'

const arrange = async (row: string) => {
  const shop = uploadShop()
  const address = await shop.request()
  shop.files.put(address, Buffer.from(`sku,name,quantity,unit_price\n${row}\n`))
  return {
    shop,
    address,
    linkRejects: makeLinkRejects({ ...shop, rejectLinks: shop.rejectFiles }),
    getUpload: makeGetUpload(shop),
  }
}

test('rejects are linked once the upload has ended with some', async () => {
  const { shop, address, linkRejects } = await arrange('tea,Tea,none,1')
  const link = () => linkRejects(address.merchant, address.uploadId)
  expect(await link()).toMatchObject({ refusal: { code: 'upload.no_rejects' } })
  await shop.planUpload(address)
  expect(await link()).toMatchObject({ refusal: { code: 'upload.no_rejects' } })
  await shop.importChunk({ ...address, chunk: 1 }, { correlationId: 'c' })
  expect(await link()).toMatchObject({
    ok: true,
    value: {
      url: `https://rejects.invalid/acme/${address.uploadId}.csv?seconds=300`,
      expiresAt: new Date('2026-11-23T09:05:00.000Z'),
    },
  })
})

test('nobody sees an upload of another merchant, or one that is not there', async () => {
  const { address, linkRejects, getUpload } = await arrange('tea,Tea,1,1')
  const other = MerchantId.parse('other')
  const none = UploadId.parse('upl_7ZZZZZZZZZZZZZZZZZZZZZZZZZ')
  expect(await getUpload(address.merchant, address.uploadId)).toMatchObject({ ok: true })
  for (const find of [getUpload, linkRejects]) {
    expect(await find(other, address.uploadId)).toMatchObject({ refusal: { code: 'upload.not_found' } })
    expect(await find(address.merchant, none)).toMatchObject({ refusal: { code: 'upload.not_found' } })
  }
})
