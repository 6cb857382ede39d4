import { expect, test } from 'vitest'
import * as z from 'zod/mini'
import { parseEnvironment } from './environment.ts'

const schema = z.object({
  SHOP_TABLE_NAME: z.string().check(z.minLength(1)),
  RETRIES: z.coerce.number().check(z.int()),
})

test('gives what the schema makes of the variables and leaves the others out', () => {
  expect(parseEnvironment(schema, { SHOP_TABLE_NAME: 'shop', RETRIES: '3', PATH: '/bin' })).toEqual({
    SHOP_TABLE_NAME: 'shop',
    RETRIES: 3,
  })
})

test('fails closed, naming each variable and no value', () => {
  const start = () => parseEnvironment(schema, { RETRIES: 'hunter2' })
  expect(start).toThrow('Environment: SHOP_TABLE_NAME is missing; RETRIES is malformed')
  expect(start).not.toThrow('hunter2')
})

test('counts an empty variable as malformed', () => {
  expect(() => parseEnvironment(schema, { SHOP_TABLE_NAME: '', RETRIES: '3' })).toThrow(
    'SHOP_TABLE_NAME is malformed',
  )
})
