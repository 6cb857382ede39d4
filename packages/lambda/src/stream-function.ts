import type { DynamoDBBatchResponse, DynamoDBStreamEvent } from 'aws-lambda'
import { xrayHeader } from './env.ts'
import { type Entry, functionStack, logUnder } from './function-stack.ts'
import { currentInvocation } from './invocation.ts'
import { count } from './metrics.ts'
import { traceContext } from './trace-context.ts'

/**
 * A function on a DynamoDB stream. Its handler names the records to read again; the lowest sequence number is the checkpoint, and everything
 * after it comes again, also what succeeded (Lambda guide, services-ddb-batchfailurereporting).
 */
export const streamFunction = (
  handle: (event: DynamoDBStreamEvent) => Promise<DynamoDBBatchResponse>,
): Entry<DynamoDBStreamEvent, DynamoDBBatchResponse> =>
  functionStack(async (event) => {
    logUnder(traceContext({ xray: xrayHeader(), id: currentInvocation().awsRequestId }))
    const response = await handle(event)
    if (response.batchItemFailures.length > 0) count('StreamBatchRewound')
    return response
  })
