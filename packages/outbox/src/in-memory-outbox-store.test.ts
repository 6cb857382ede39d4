import { InMemoryOutboxStore } from './in-memory-outbox-store.ts'
import { describeOutboxStore } from './outbox-store-contract.ts'

describeOutboxStore('InMemoryOutboxStore', async () => {
  const store = new InMemoryOutboxStore()
  return { store, add: async (envelope) => store.add(envelope) }
})
