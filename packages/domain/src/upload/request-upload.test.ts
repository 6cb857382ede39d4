import { expect, test } from 'vitest'
import { CountingIds } from '../counting-ids.ts'
import { ManualClock } from '../manual-clock.ts'
import { MerchantId } from '../merchant-id.ts'
import { InMemoryProductRepository } from '../product/in-memory-product-repository.ts'
import { InMemoryUploadForms } from './in-memory-upload-forms.ts'
import { InMemoryUploadRepository } from './in-memory-upload-repository.ts'
import { makeRequestUpload, RequestUpload } from './request-upload.ts'
import { uploadLimits } from './upload-limits.ts'

const merchant = MerchantId.parse('acme')
const arrange = () => {
  const uploads = new InMemoryUploadRepository({ products: new InMemoryProductRepository(), outbox: [] })
  const forms = new InMemoryUploadForms()
  const request = makeRequestUpload({ uploads, forms, ids: new CountingIds(), clock: new ManualClock() })
  return { uploads, request }
}

test('registers the upload and issues a form for its own key, for five minutes', async () => {
  const { uploads, request } = arrange()
  const command = RequestUpload.parse({ filename: 'März 1.csv', currency: 'EUR' })
  const { upload, form } = await request({ ...command, merchant }, { correlationId: 'c' })
  expect(await uploads.find(merchant, upload.id)).toEqual(upload)
  expect(upload).toMatchObject({
    status: 'awaiting_upload',
    version: 0,
    filename: 'März 1.csv',
    expiresAt: '2026-11-23T09:05:00.000Z',
    cause: { correlationId: 'c' },
  })
  expect(form.fields).toEqual({
    key: `uploads/acme/${upload.id}.csv`,
    'Content-Type': 'text/csv',
    'content-length-range': `0,${uploadLimits.fileBytes}`,
    expires: '300',
  })
})

test('a form takes exactly the size that was announced', async () => {
  const { request } = arrange()
  const command = RequestUpload.parse({ filename: 'a.csv', currency: 'JPY', sizeBytes: 1234 })
  const { form } = await request({ ...command, merchant }, { correlationId: 'c' })
  expect(form.fields['content-length-range']).toBe('1234,1234')
})

test.each([
  [{ filename: '', currency: 'EUR' }],
  [{ filename: 'a/b.csv', currency: 'EUR' }],
  [{ filename: 'a\nb.csv', currency: 'EUR' }],
  [{ filename: 'a\uFFFEb.csv', currency: 'EUR' }],
  [{ filename: 'x'.repeat(256), currency: 'EUR' }],
  [{ filename: 'a.csv' }],
  [{ filename: 'a.csv', currency: 'eur' }],
  [{ filename: 'a.csv', currency: 'XYZ' }],
  [{ filename: 'a.csv', currency: 'EUR', sizeBytes: 0 }],
  [{ filename: 'a.csv', currency: 'EUR', sizeBytes: 1.5 }],
  [{ filename: 'a.csv', currency: 'EUR', sizeBytes: uploadLimits.fileBytes + 1 }],
  [{ filename: 'a.csv', currency: 'EUR', merchant: 'other' }],
])('takes no request like %j', (command) => {
  expect(RequestUpload.safeParse(command).success).toBe(false)
})
