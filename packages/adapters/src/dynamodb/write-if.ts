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

/** Puts an item under a condition. Says whether it did: not when the condition fails, nor when a transaction has the item in its hands. */
export const putIf = (client: DynamoDBClient, input: PutItemCommandInput & Conditional): Promise<boolean> =>
  unlessRefused(client.send(new PutItemCommand(input)))

/** As `putIf`, for an update. */
export const updateIf = (
  client: DynamoDBClient,
  input: UpdateItemCommandInput & Conditional,
): Promise<boolean> => unlessRefused(client.send(new UpdateItemCommand(input)))

const unlessRefused = async (write: Promise<unknown>): Promise<boolean> => {
  try {
    await write
    return true
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException || error instanceof TransactionConflictException)
      return false
    throw error
  }
}
