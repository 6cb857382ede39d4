import type { Context } from 'aws-lambda'

/** The context of an invocation on Lambda. For tests. */
export const invocationOf = (awsRequestId: string): Context => ({
  awsRequestId,
  callbackWaitsForEmptyEventLoop: true,
  functionName: 'stockroom-test',
  functionVersion: '$LATEST',
  invokedFunctionArn: 'arn:aws:lambda:eu-west-1:000000000000:function:stockroom-test',
  memoryLimitInMB: '256',
  logGroupName: '/aws/lambda/stockroom-test',
  logStreamName: 'test',
  getRemainingTimeInMillis: () => 10_000,
  done: () => undefined,
  fail: () => undefined,
  succeed: () => undefined,
})
