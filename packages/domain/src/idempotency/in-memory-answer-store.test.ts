import { MerchantId } from '../merchant-id.ts'
import { answerStoreContract } from './answer-store-contract.ts'
import { InMemoryAnswerStore } from './in-memory-answer-store.ts'

const answers = new InMemoryAnswerStore()
let merchants = 0
answerStoreContract(
  'InMemoryAnswerStore',
  () => answers,
  () => MerchantId.parse(`m-${++merchants}`),
)
