import { MerchantId } from '../merchant-id.ts'
import { InMemoryTokenLeases } from './in-memory-token-leases.ts'
import { tokenLeasesContract } from './token-leases-contract.ts'

let merchants = 0
tokenLeasesContract(
  'InMemoryTokenLeases',
  (limit, clock) => new InMemoryTokenLeases(limit, clock),
  () => MerchantId.parse(`m-${++merchants}`),
)
