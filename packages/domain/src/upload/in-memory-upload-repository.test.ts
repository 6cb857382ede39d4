import type { StockroomEvent } from '../events/catalogue.ts'
import { MerchantId } from '../merchant-id.ts'
import { InMemoryProductRepository } from '../product/in-memory-product-repository.ts'
import { InMemoryUploadRepository } from './in-memory-upload-repository.ts'
import { uploadRepositoryContract } from './upload-repository-contract.ts'

const products = new InMemoryProductRepository()
const outbox: StockroomEvent[] = []
const uploads = new InMemoryUploadRepository({ products, outbox })

let merchants = 0
uploadRepositoryContract(
  'InMemoryUploadRepository',
  () => ({
    uploads,
    products,
    events: async (merchant, subject) =>
      outbox.filter((event) => event.merchant === merchant && event.subject === subject),
  }),
  () => MerchantId.parse(`m-${++merchants}`),
)
