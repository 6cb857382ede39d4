import { MerchantId } from '../merchant-id.ts'
import { InMemoryProductRepository } from './in-memory-product-repository.ts'
import { productRepositoryContract } from './product-repository-contract.ts'

const products = new InMemoryProductRepository()
let merchants = 0
productRepositoryContract(
  'InMemoryProductRepository',
  () => ({ products, move: async (merchant, movements) => products.move(merchant, movements) }),
  () => MerchantId.parse(`m-${++merchants}`),
)
