import { DynamoDBClient, type ServiceInputTypes, type ServiceOutputTypes } from '@aws-sdk/client-dynamodb'

/** A client for tests that sends nothing: `answer` says what the n-th call (from 0) comes to, or throws. */
export const scriptedClient = (
  answer: (call: number, input: ServiceInputTypes) => Omit<ServiceOutputTypes, '$metadata'>,
): DynamoDBClient => {
  const client = new DynamoDBClient({
    region: 'eu-west-1',
    credentials: { accessKeyId: 'x', secretAccessKey: 'x' },
  })
  let calls = 0
  client.middlewareStack.add(
    () =>
      async ({ input }) => ({ output: { $metadata: {}, ...answer(calls++, input) }, response: {} }),
    { step: 'initialize', priority: 'high' },
  )
  return client
}
