import { describe, expect, test } from 'vitest'
import type { MerchantId } from '../merchant-id.ts'
import { Money } from '../money.ts'
import { Sku } from '../sku.ts'
import type { StockMovement } from './product.ts'
import type { ProductRepository } from './product-repository.ts'

/** What a store's test brings to the contract: the port and a way to move stock, which answers the skus that refused. */
export interface ProductSetup {
  readonly products: ProductRepository
  move(merchant: MerchantId, movements: readonly StockMovement[]): Promise<readonly Sku[]>
}

const sku = (text: string) => Sku.parse(text)
const receive = (name: string, quantity: number, currency = 'EUR'): StockMovement => ({
  kind: 'receive',
  sku: sku(name),
  quantity,
  name: `The ${name}`,
  unitPrice: Money.parse({ amount: 250, currency }),
})

/** What every ProductRepository promises, and how stock moves in it. */
export const productRepositoryContract = (
  name: string,
  setup: () => ProductSetup,
  merchant: () => MerchantId,
) =>
  describe(`${name} as ProductRepository`, () => {
    const figures = async (of: MerchantId, name = 'tea') => {
      const found = await setup().products.findAll(of, [sku(name)])
      const product = found.get(sku(name))
      return product && [product.received, product.available, product.reserved, product.sold]
    }

    test('a first delivery makes a product, a second raises it and renews name and price', async () => {
      const shop = merchant()
      await setup().move(shop, [receive('tea', 3)])
      const unitPrice = Money.parse({ amount: 300, currency: 'EUR' })
      await setup().move(shop, [{ kind: 'receive', sku: sku('tea'), quantity: 2, name: 'Tea', unitPrice }])
      expect((await setup().products.findAll(shop, [sku('tea')])).get(sku('tea'))).toEqual({
        sku: 'tea',
        name: 'Tea',
        unitPrice,
        received: 5,
        available: 5,
        reserved: 0,
        sold: 0,
      })
    })

    test('reserving, selling and releasing move units and keep their sum', async () => {
      const shop = merchant()
      await setup().move(shop, [receive('tea', 10)])
      await setup().move(shop, [{ kind: 'reserve', sku: sku('tea'), quantity: 6 }])
      await setup().move(shop, [{ kind: 'sell', sku: sku('tea'), quantity: 4 }])
      await setup().move(shop, [{ kind: 'release', sku: sku('tea'), quantity: 1 }])
      expect(await figures(shop)).toEqual([10, 5, 1, 4])
    })

    test.each(['reserve', 'sell', 'release'] as const)('refuses to %s what is not there', async (kind) => {
      const shop = merchant()
      expect(await setup().move(shop, [{ kind, sku: sku('tea'), quantity: 1 }])).toEqual(['tea'])
      expect(await figures(shop)).toBeUndefined()
      await setup().move(shop, [receive('tea', 1)])
      expect(await setup().move(shop, [{ kind, sku: sku('tea'), quantity: 2 }])).toEqual(['tea'])
      expect(await figures(shop)).toEqual([1, 1, 0, 0])
    })

    test('moves all or nothing', async () => {
      const shop = merchant()
      await setup().move(shop, [receive('tea', 1), receive('pot', 1)])
      const refused = await setup().move(shop, [
        { kind: 'reserve', sku: sku('tea'), quantity: 1 },
        { kind: 'reserve', sku: sku('pot'), quantity: 2 },
      ])
      expect(refused).toEqual(['pot'])
      expect(await figures(shop)).toEqual([1, 1, 0, 0])
    })

    test('a product keeps its currency', async () => {
      const shop = merchant()
      await setup().move(shop, [receive('tea', 1)])
      expect(await setup().move(shop, [receive('tea', 1, 'GBP')])).toEqual(['tea'])
    })

    test('figures stay exact', async () => {
      const shop = merchant()
      await setup().move(shop, [receive('tea', Number.MAX_SAFE_INTEGER - 1)])
      expect(await setup().move(shop, [receive('tea', 2)])).toEqual(['tea'])
      expect(await setup().move(shop, [receive('tea', 1)])).toEqual([])
      expect((await figures(shop))?.[0]).toBe(Number.MAX_SAFE_INTEGER)
    })

    test('finds more products than one request of a store takes, and only those asked for', async () => {
      const shop = merchant()
      const skus = Array.from({ length: 130 }, (_, i) => `sku-${i}`)
      await setup().move(
        shop,
        skus.slice(0, 90).map((name) => receive(name, 1)),
      )
      await setup().move(
        shop,
        skus.slice(90).map((name) => receive(name, 1)),
      )
      const found = await setup().products.findAll(shop, ['nope', ...skus.slice(1), 'sku-1'].map(sku))
      expect([...found.keys()].sort()).toEqual(skus.slice(1).sort())
      expect(await setup().products.findAll(shop, [])).toEqual(new Map())
    })

    test("lists by sku, page by page, and shows no other merchant's", async () => {
      const [shop, other] = [merchant(), merchant()]
      await setup().move(
        shop,
        ['c', 'a', 'e', 'b', 'd'].map((name) => receive(name, 1)),
      )
      await setup().move(other, [receive('x', 1)])
      const listed: string[] = []
      let after: string | undefined
      let pages = 0
      do {
        const page = await setup().products.page(
          shop,
          after === undefined ? { limit: 2 } : { limit: 2, after },
        )
        listed.push(...page.items.map((product) => product.sku))
        after = page.next
        pages += 1
      } while (after !== undefined)
      expect([listed, pages]).toEqual([['a', 'b', 'c', 'd', 'e'], 3])
      expect((await setup().products.findAll(other, [sku('a')])).size).toBe(0)
    })
  })
