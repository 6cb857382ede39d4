import {
  ConditionalCheckFailedException,
  type DynamoDBClient,
  PutItemCommand,
  type PutItemCommandInput,
  TransactionConflictException,
  UpdateItemCommand,
  type UpdateItemCommandInput,
} from '@aws-sdk/client-dynamodb'

type Conditional = { readonly ConditionExpression: string }

/**
 * Puts an item under a condition. Says whether the condition held; whoever hears that it did not takes the item for written by another.
 * @throws TransactionConflictException when a transaction has the item in its hands, which tells nothing of the item, and whatever else is refused.
 */
export const putIf = async (
  client: DynamoDBClient,
  input: PutItemCommandInput & Conditional,
): Promise<boolean> => {
  try {
    await client.send(new PutItemCommand(input))
    return true
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return false
    throw error
  }
}

/** Updates an item under a condition. Says whether it did: not when the condition fails, nor when a transaction has the item in its hands. Read again then. */
export const updateIf = async (
  client: DynamoDBClient,
  input: UpdateItemCommandInput & Conditional,
): Promise<boolean> => {
  try {
    await client.send(new UpdateItemCommand(input))
    return true
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException || error instanceof TransactionConflictException)
      return false
    throw error
  }
}
