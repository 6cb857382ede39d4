import { expect, test } from 'vitest'
import { callerOf } from './caller.ts'

const claims = { merchant_id: 'acme', client_id: 'client-1', scope: 'orders:read orders:write' }

test('names merchant and client out of the claims', () => {
  expect(callerOf(claims, 'orders:write')).toEqual({ merchant: 'acme', principal: 'client-1' })
})

test('takes the subject for a client when the token names none', () => {
  const { client_id: _, ...rest } = claims
  expect(callerOf({ ...rest, sub: 'user-1' }, 'orders:read').principal).toBe('user-1')
})

test.each([
  ['without claims', undefined],
  ['without a merchant', { client_id: 'c', scope: 'orders:read' }],
  ['with a merchant that could break a key', { ...claims, merchant_id: 'acme#ORDER' }],
  ['with several merchants', { ...claims, merchant_id: ['acme', 'other'] }],
  ['without a client', { merchant_id: 'acme', scope: 'orders:read' }],
  ['with an ID token, which Cognito marks', { ...claims, token_use: 'id' }],
  ['with a client of no name', { ...claims, client_id: '' }],
])('knows nobody %s', (_, given) => {
  expect(() => callerOf(given, 'orders:read')).toThrow(
    expect.objectContaining({ code: 'caller.unauthenticated' }),
  )
})

test('takes a token that is marked for access', () => {
  expect(callerOf({ ...claims, token_use: 'access' }, 'orders:read').merchant).toBe('acme')
})

test.each([undefined, '', 'orders:reader', 'orders:write', 'ORDERS:READ'])(
  'refuses the scope %j',
  (scope) => {
    expect(() => callerOf({ ...claims, scope }, 'orders:read')).toThrow(
      expect.objectContaining({ code: 'caller.scope_missing' }),
    )
  },
)
