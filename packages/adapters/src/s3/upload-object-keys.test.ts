import { UploadId } from '@stockroom/domain/ids'
import { MerchantId } from '@stockroom/domain/merchant-id'
import { expect, test } from 'vitest'
import { chunkRejectsKey, deliveryFileKey, readDeliveryFileKey } from './upload-object-keys.ts'

const address = {
  merchant: MerchantId.parse('acme'),
  uploadId: UploadId.parse('upl_01ARZ3NDEKTSV4RRFFQ69G5FAV'),
}

test('reads back the key that it writes', () => {
  expect(deliveryFileKey(address)).toBe('uploads/acme/upl_01ARZ3NDEKTSV4RRFFQ69G5FAV.csv')
  expect(readDeliveryFileKey(deliveryFileKey(address))).toEqual(address)
})

test.each([
  '',
  'uploads/',
  'uploads/acme/',
  'uploads/acme/upl_01ARZ3NDEKTSV4RRFFQ69G5FAV.csv/',
  'uploads/acme/x/upl_01ARZ3NDEKTSV4RRFFQ69G5FAV.csv',
  'uploads/ACME/upl_01ARZ3NDEKTSV4RRFFQ69G5FAV.csv',
  'uploads/../upl_01ARZ3NDEKTSV4RRFFQ69G5FAV.csv',
  'uploads/acme/ord_01ARZ3NDEKTSV4RRFFQ69G5FAV.csv',
  'uploads/acme/upl_01ARZ3NDEKTSV4RRFFQ69G5FAV',
  'rejects/acme/upl_01ARZ3NDEKTSV4RRFFQ69G5FAV.csv',
  'uploads/acme/upl_01ARZ3NDEKTSV4RRFFQ69G5FAV%2Ecsv',
  'uploads/a b+c.csv',
  'uploads/acme/ü.csv\n',
])('%j is the key of no upload', (key) => {
  expect(readDeliveryFileKey(key)).toBeUndefined()
})

test('keys of chunks sort as the chunks do', () => {
  const keys = [1, 2, 10, 700].map((chunk) => chunkRejectsKey({ ...address, chunk }))
  expect(keys.toSorted()).toEqual(keys)
})
