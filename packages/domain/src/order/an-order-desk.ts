import { CountingIds } from '../counting-ids.ts'
import type { StockroomEvent } from '../events/catalogue.ts'
import { InMemoryAnswerStore } from '../idempotency/in-memory-answer-store.ts'
import { ManualClock } from '../manual-clock.ts'
import type { MerchantId } from '../merchant-id.ts'
import { Money } from '../money.ts'
import { InMemoryProductRepository } from '../product/in-memory-product-repository.ts'
import { Sku } from '../sku.ts'
import { type AroundCall, watchedPorts } from '../watched-ports.ts'
import { makeCancelOrder } from './cancel-order.ts'
import { makeExpireOrders } from './expire-orders.ts'
import { InMemoryOrderRepository } from './in-memory-order-repository.ts'
import { makePayOrder } from './pay-order.ts'
import { makePlaceOrder } from './place-order.ts'

/** All order use cases over one in-memory shop, for tests. */
export const anOrderDesk = () => {
  const source = { ids: new CountingIds(), clock: new ManualClock() }
  const [products, answers, outbox] = [
    new InMemoryProductRepository(),
    new InMemoryAnswerStore(source.clock),
    [] as StockroomEvent[],
  ]
  const orders = new InMemoryOrderRepository({ products, answers, outbox })
  const ports = { orders, products, answers }
  const useCases = (around?: AroundCall) => {
    const dependencies = { ...(around === undefined ? ports : watchedPorts(ports, around)), ...source }
    return {
      place: makePlaceOrder(dependencies),
      pay: makePayOrder(dependencies),
      cancel: makeCancelOrder(dependencies),
      expire: makeExpireOrders(dependencies),
    }
  }
  return {
    ...ports,
    ...source,
    outbox,
    ...useCases(),
    /** The use cases over the same shop, as a process sees it whose calls go through `around`. */
    through: useCases,
    receive: (merchant: MerchantId, sku: string, quantity: number, amount = 250) =>
      products.move(merchant, [
        {
          kind: 'receive',
          sku: Sku.parse(sku),
          quantity,
          name: sku,
          unitPrice: Money.parse({ amount, currency: 'EUR' }),
        },
      ]),
    /** `available`, `reserved` and `sold` of a sku. */
    figures: async (merchant: MerchantId, sku: string) => {
      const product = (await products.findAll(merchant, [Sku.parse(sku)])).get(Sku.parse(sku))
      return product && [product.available, product.reserved, product.sold]
    },
  }
}
