import { MerchantId } from '@stockroom/domain/merchant-id'
import { expect, test } from 'vitest'
import { makeCursors } from './cursor.ts'

const cursors = makeCursors(async () => Buffer.alloc(32, 1))
const list = { merchant: MerchantId.parse('acme'), list: 'listOrders', filter: 'placed' }
const refused = expect.objectContaining({ code: 'request.cursor_invalid' })

test('opens to the position that was sealed, in every execution environment', async () => {
  const position = '{"pk":"acme#ORDERS","sk":"ä"}'
  const cursor = await makeCursors(async () => Buffer.alloc(32, 1)).seal(list, position)
  expect(cursor).toMatch(/^[\w.-]+$/)
  expect(await cursors.open(list, cursor)).toBe(position)
})

test.each([
  ['another merchant', { merchant: MerchantId.parse('other') }],
  ['another list', { list: 'listProducts' }],
  ['another filter', { filter: 'paid' }],
  ['no filter', { filter: undefined }],
])('does not open in the list of %s', async (_, over) => {
  const cursor = await cursors.seal(list, 'here')
  await expect(cursors.open({ ...list, ...over }, cursor)).rejects.toThrow(refused)
})

test('does not open when its position was moved', async () => {
  const [, signature] = (await cursors.seal(list, 'here')).split('.')
  await expect(
    cursors.open(list, `${Buffer.from('there').toString('base64url')}.${signature}`),
  ).rejects.toThrow(refused)
})

test('does not open under another key', async () => {
  const cursor = await makeCursors(async () => Buffer.alloc(32, 2)).seal(list, 'here')
  await expect(cursors.open(list, cursor)).rejects.toThrow(refused)
})

test.each(['', '.', 'a', 'a.b', '....', 'é.é', '__proto__'])(
  'does not open when it reads %j',
  async (cursor) => {
    await expect(cursors.open(list, cursor)).rejects.toThrow(refused)
  },
)
