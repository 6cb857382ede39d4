import { Product } from '@stockroom/domain/product/product'
import type { ProductRepository } from '@stockroom/domain/product/product-repository'
import { refused } from '@stockroom/domain/refusal'
import { Sku } from '@stockroom/domain/sku'
import * as z from 'zod/mini'
import type { Cursors } from '../cursor.ts'
import { pageQuery } from '../page-query.ts'
import { type Route, route } from '../route.ts'
import { sealedPage } from '../sealed-page.ts'

export interface ProductDeps {
  readonly products: ProductRepository
  readonly cursors: Cursors
}

const exampleProduct = {
  sku: '85123A',
  name: 'WHITE HANGING HEART T-LIGHT HOLDER',
  unitPrice: { amount: 255, currency: 'GBP' },
  received: 120,
  available: 80,
  reserved: 10,
  sold: 30,
}

const listProducts = route({
  method: 'GET',
  path: '/products',
  operationId: 'listProducts',
  summary: 'List products',
  description: 'In the order of their skus. May be a moment behind.',
  scope: 'products:read',
  input: { query: z.strictObject(pageQuery) },
  answers: {
    200: {
      description: 'A page of products.',
      schema: z.object({ items: z.array(Product), next: z.optional(z.string()) }),
      example: { items: [exampleProduct] },
    },
  },
  problems: [],
}).handle(async ({ input: { query }, caller: { merchant } }, { products, cursors }: ProductDeps) => ({
  status: 200,
  body: await sealedPage(cursors, { merchant, list: 'listProducts' }, query, (page) =>
    products.page(merchant, page),
  ),
}))

const getProduct = route({
  method: 'GET',
  path: '/products/{sku}',
  operationId: 'getProduct',
  summary: 'Read a product',
  description: 'Units received are always those available, reserved and sold together.',
  scope: 'products:read',
  input: { params: z.object({ sku: Sku }) },
  answers: { 200: { description: 'The product.', schema: Product, example: exampleProduct } },
  problems: ['product.not_found'],
}).handle(async ({ input, caller: { merchant } }, { products }: ProductDeps) => {
  const { sku } = input.params
  const product = (await products.findAll(merchant, [sku])).get(sku)
  return product === undefined
    ? refused('product.not_found', `There is no product ${sku}`)
    : { status: 200, body: product }
})

export const productRoutes = [listProducts, getProduct] satisfies readonly Route<ProductDeps>[]
