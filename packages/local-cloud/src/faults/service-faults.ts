import type { GatewayService, ServiceFault } from '../gateway/authorize.ts'
import type { ObservedCall } from '../gateway/interceptor.ts'
import { isObject } from './batch-entries.ts'

/** What the service tells a caller that calls too often, in its own words and codes. */
export const throttled = (call: ObservedCall, salt: number): ServiceFault =>
  isTransaction(call) ? canceled(call, salt, throttledItem) : throttles[call.service]

/** What the service tells when something in it broke. */
export const internalError = ({ service }: ObservedCall): ServiceFault => internalErrors[service]

/**
 * DynamoDB's refusal of a write to an item that another transaction holds. Of a transaction one item is named; a single write gets
 * its own exception (DynamoDB guide, transaction-apis).
 */
export const transactionConflict = (call: ObservedCall, salt: number): ServiceFault =>
  isTransaction(call)
    ? canceled(call, salt, conflictingItem)
    : {
        status: 400,
        code: 'TransactionConflictException',
        message: conflictingItem.Message,
      }

interface CancellationReason {
  readonly Code: string
  readonly Message: string
}

const conflictingItem: CancellationReason = {
  Code: 'TransactionConflict',
  Message: 'Transaction is ongoing for the item',
}

const throttledItem: CancellationReason = {
  Code: 'ThrottlingError',
  Message:
    'Throughput exceeds the current capacity of your table or index. DynamoDB is automatically scaling your table or index so please try again shortly.',
}

const isTransaction = ({ operation }: ObservedCall): boolean => operation.startsWith('Transact')

/** A reason for each item, in the order of the request; one has `reason`, which one follows from the salt. */
const canceled = ({ input }: ObservedCall, salt: number, reason: CancellationReason): ServiceFault => {
  const items = isObject(input) && Array.isArray(input.TransactItems) ? input.TransactItems.length : 1
  const hit = salt % Math.max(1, items)
  const reasons = Array.from({ length: items }, (_, index) => (index === hit ? reason : { Code: 'None' }))
  return {
    status: 400,
    code: 'TransactionCanceledException',
    message: `Transaction cancelled, please refer cancellation reasons for specific reasons [${reasons.map(({ Code }) => Code).join(', ')}]`,
    details: { CancellationReasons: reasons },
  }
}

const throttles: Readonly<Record<GatewayService, ServiceFault>> = {
  dynamodb: {
    status: 400,
    code: 'ProvisionedThroughputExceededException',
    message:
      'The level of configured provisioned throughput for the table was exceeded. Consider increasing your provisioning level with the UpdateTable API.',
  },
  sqs: {
    status: 400,
    code: 'RequestThrottled',
    message: 'The request was denied due to request throttling.',
  },
  kms: {
    status: 400,
    code: 'ThrottlingException',
    message: 'You have exceeded the rate at which you may call KMS. Reduce the frequency of your calls.',
  },
  s3: { status: 503, code: 'SlowDown', message: 'Please reduce your request rate.' },
  lambda: {
    status: 429,
    code: 'TooManyRequestsException',
    message: 'Rate Exceeded.',
    details: { Reason: 'CallerRateLimitExceeded' },
  },
}

const internalErrors: Readonly<Record<GatewayService, ServiceFault>> = {
  dynamodb: { status: 500, code: 'InternalServerError', message: 'Internal server error' },
  sqs: { status: 500, code: 'InternalError', message: 'We encountered an internal error. Please try again.' },
  kms: {
    status: 500,
    code: 'KMSInternalException',
    message: 'The request was rejected because an internal exception occurred. The request can be retried.',
  },
  s3: {
    status: 500,
    code: 'InternalError',
    message: 'We encountered an internal error. Please try again.',
  },
  lambda: {
    status: 500,
    code: 'ServiceException',
    message: 'The Lambda service encountered an internal error.',
  },
}
