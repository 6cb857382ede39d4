import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Money } from '../money.ts'
import { Sku } from '../sku.ts'
import { moveStock } from './move-stock.ts'
import type { Product, StockMovement } from './product.ts'

const sku = Sku.parse('tea')
const unitPrice = Money.parse({ amount: 250, currency: 'EUR' })
const quantity = fc.oneof(fc.integer({ min: 1, max: 50 }), fc.constant(Number.MAX_SAFE_INTEGER))
const movement = fc
  .tuple(fc.constantFrom('receive', 'reserve', 'sell', 'release'), quantity)
  .map(
    ([kind, quantity]): StockMovement =>
      kind === 'receive' ? { kind, sku, quantity, name: 'Tea', unitPrice } : { kind, sku, quantity },
  )

test('whatever moves: received = available + reserved + sold, none below zero, all exact', () => {
  fc.assert(
    fc.property(fc.array(movement, { maxLength: 60 }), (movements) => {
      let product: Product | undefined
      for (const each of movements) {
        product = moveStock(product, each) ?? product
        if (product === undefined) continue
        const { received, available, reserved, sold } = product
        expect(BigInt(received)).toBe(BigInt(available) + BigInt(reserved) + BigInt(sold))
        for (const figure of [received, available, reserved, sold])
          expect(figure >= 0 && Number.isSafeInteger(figure)).toBe(true)
      }
    }),
  )
})
