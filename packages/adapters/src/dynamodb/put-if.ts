import {
  ConditionalCheckFailedException,
  type DynamoDBClient,
  PutItemCommand,
  type PutItemCommandInput,
  TransactionConflictException,
} from '@aws-sdk/client-dynamodb'

/** Puts an item under a condition. Says whether it did; not when the condition fails, nor when a transaction has the item in its hands. */
export const putIf = async (
  client: DynamoDBClient,
  input: PutItemCommandInput & { readonly ConditionExpression: string },
): Promise<boolean> => {
  try {
    await client.send(new PutItemCommand(input))
    return true
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException || error instanceof TransactionConflictException)
      return false
    throw error
  }
}
