import { Money } from '@stockroom/domain/money'
import { Quantity } from '@stockroom/domain/sku'
import { expect, test } from 'vitest'
import * as z from 'zod/mini'
import { schemaErrors } from './schema-errors.ts'

const schema = z.object({
  params: z.strictObject({ id: z.string().check(z.regex(/^ord_\d+$/)) }),
  query: z.strictObject({ limit: z.optional(z.coerce.number().check(z.int(), z.maximum(100))) }),
  body: z.strictObject({
    lines: z
      .array(z.strictObject({ quantity: Quantity, 'a/b': z.optional(z.literal('x')) }))
      .check(z.minLength(1)),
    reference: z.optional(z.string().check(z.maxLength(5))),
    kind: z.optional(z.enum(['gift', 'sale'])),
    price: z.optional(Money),
    target: z.optional(z.url()),
    either: z.optional(z.union([z.string(), z.number()])),
    even: z.optional(z.number().check(z.multipleOf(2))),
    odd: z.optional(z.number().check(z.refine((n) => n % 2 === 1, 'must be odd'))),
    ratio: z.optional(z.number().check(z.gt(0), z.lt(1))),
  }),
})

const fine = { params: { id: 'ord_1' }, query: {}, body: { lines: [{ quantity: 1 }] } }
const errorsOf = (over: Record<string, unknown>) =>
  schemaErrors(z.safeParse(schema, { ...fine, ...over }, { reportInput: true }).error?.issues ?? [])
const inBody = (over: Record<string, unknown>) => errorsOf({ body: { ...fine.body, ...over } })

test.each([
  [{ lines: [{ quantity: 0 }] }, '#/lines/0/quantity', 'lines[0].quantity must be at least 1.'],
  [{ lines: [{ quantity: -1 }] }, '#/lines/0/quantity', 'lines[0].quantity must be at least 1.'],
  [{ lines: [{ quantity: 1_000_001 }] }, '#/lines/0/quantity', 'lines[0].quantity must be at most 1000000.'],
  [{ lines: [{ quantity: 1.5 }] }, '#/lines/0/quantity', 'lines[0].quantity must be a whole number.'],
  [{ lines: [{ quantity: '5' }] }, '#/lines/0/quantity', 'lines[0].quantity must be a number.'],
  [{ lines: [{ quantity: null }] }, '#/lines/0/quantity', 'lines[0].quantity must be a number.'],
  [{ lines: [{}] }, '#/lines/0/quantity', 'lines[0].quantity is required.'],
  [{ lines: [] }, '#/lines', 'lines must have at least 1 item.'],
  [{ lines: 'x' }, '#/lines', 'lines must be an array.'],
  [{ lines: [{ quantity: 1, 'a/b': 'y' }] }, '#/lines/0/a~1b', 'lines[0].a/b must be x.'],
  [{ reference: 'toolong' }, '#/reference', 'reference must have at most 5 characters.'],
  [{ kind: 'loan' }, '#/kind', 'kind must be one of gift, sale.'],
  [{ price: { amount: -1, currency: 'EUR' } }, '#/price/amount', 'price.amount must be at least 0.'],
  [{ price: { amount: 1, currency: 'eur' } }, '#/price/currency', 'price.currency must match /^[A-Z]{3}$/.'],
  [{ target: 'nowhere' }, '#/target', 'target must be a valid url.'],
  [{ either: true }, '#/either', 'either has none of the allowed forms.'],
  [{ even: 3 }, '#/even', 'even must be a multiple of 2.'],
  [{ odd: 2 }, '#/odd', 'odd must be odd.'],
  [{ ratio: 0 }, '#/ratio', 'ratio must be more than 0.'],
  [{ ratio: 1 }, '#/ratio', 'ratio must be less than 1.'],
  [{ status: 'paid' }, '#/status', 'status is not known here.'],
])('%j is said to be wrong at %s: %s', (over, pointer, detail) => {
  expect(inBody(over)).toEqual([{ pointer, detail }])
})

test('a body that is no object is said to be wrong as a whole', () => {
  expect(errorsOf({ body: [] })).toEqual([{ pointer: '#', detail: 'The body must be an object.' }])
})

test('parameters are named by where they stand', () => {
  expect(errorsOf({ params: { id: '7' }, query: { limit: '101' } })).toEqual([
    { pointer: 'path/id', detail: 'id must match /^ord_\\d+$/.' },
    { pointer: 'query/limit', detail: 'limit must be at most 100.' },
  ])
})

test('a member named __proto__ is unknown like any other', () => {
  expect(errorsOf({ body: JSON.parse('{"lines":[{"quantity":1}],"__proto__":{"a":1}}') })).toEqual([
    { pointer: '#/__proto__', detail: '__proto__ is not known here.' },
  ])
})

test('says at most twenty things', () => {
  expect(inBody({ lines: Array.from({ length: 500 }, () => ({})) })).toHaveLength(20)
})

test('shortens the names of unknown members', () => {
  expect(inBody({ ['x'.repeat(10_000)]: 1 })[0]?.detail.length).toBeLessThan(100)
})
