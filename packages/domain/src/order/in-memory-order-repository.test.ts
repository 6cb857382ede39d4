import type { StockroomEvent } from '../events/catalogue.ts'
import { InMemoryAnswerStore } from '../idempotency/in-memory-answer-store.ts'
import { ManualClock } from '../manual-clock.ts'
import { MerchantId } from '../merchant-id.ts'
import { InMemoryProductRepository } from '../product/in-memory-product-repository.ts'
import { InMemoryOrderRepository } from './in-memory-order-repository.ts'
import type { OrderEvent } from './order-event.ts'
import { orderRepositoryContract } from './order-repository-contract.ts'

const products = new InMemoryProductRepository()
const answers = new InMemoryAnswerStore(new ManualClock())
const outbox: StockroomEvent[] = []
const orders = new InMemoryOrderRepository({ products, answers, outbox })
const isOrderEvent = (event: StockroomEvent): event is OrderEvent => event.type.startsWith('order.')

let merchants = 0
orderRepositoryContract(
  'InMemoryOrderRepository',
  () => ({
    orders,
    paidOrders: orders,
    products,
    answers,
    move: async (merchant, movements) => products.move(merchant, movements),
    events: async (merchant, subject) =>
      outbox.filter(isOrderEvent).filter((event) => event.merchant === merchant && event.subject === subject),
  }),
  () => MerchantId.parse(`m-${++merchants}`),
)
