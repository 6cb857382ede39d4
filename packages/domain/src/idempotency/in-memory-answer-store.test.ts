import { MerchantId } from '../merchant-id.ts'
import { answerStoreContract } from './answer-store-contract.ts'
import { InMemoryAnswerStore } from './in-memory-answer-store.ts'

let merchants = 0
answerStoreContract(
  'InMemoryAnswerStore',
  (clock) => new InMemoryAnswerStore(clock),
  () => MerchantId.parse(`m-${++merchants}`),
)
