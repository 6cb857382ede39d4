import { ManualClock } from '../manual-clock.ts'
import { MerchantId } from '../merchant-id.ts'
import { InMemorySalesReports } from './in-memory-sales-reports.ts'
import { InMemoryWatermarks } from './in-memory-watermarks.ts'
import { salesReportsContract } from './sales-reports-contract.ts'
import { watermarksContract } from './watermarks-contract.ts'

const reports = new InMemorySalesReports(new ManualClock())
const watermarks = new InMemoryWatermarks()
let count = 0
salesReportsContract(
  'InMemorySalesReports',
  () => reports,
  () => MerchantId.parse(`m-${++count}`),
)
watermarksContract(
  'InMemoryWatermarks',
  () => watermarks,
  () => `job-${++count}`,
)
