import type { Environment } from '../arn.ts'
import type { ConsumedCapacity } from './authorize.ts'
import { dynamoDbActions } from './dynamodb-actions.ts'
import type { EngineClient } from './engine-client.ts'
import type { JsonObject, JsonService, ServiceAnswer } from './gateway-service.ts'
import type { PartitionKeys } from './leading-keys.ts'

const targetPrefix = 'DynamoDB_20120810.'

/** Operations whose answer tells the capacity units that they took. */
const counted = new Set([
  'GetItem',
  'PutItem',
  'UpdateItem',
  'DeleteItem',
  'Query',
  'Scan',
  'BatchGetItem',
  'BatchWriteItem',
  'TransactGetItems',
  'TransactWriteItems',
])

/**
 * DynamoDB in front of its engine. Every answer's capacity units are counted, asked for or not; unlike AWS the engine
 * counts none for a condition that failed.
 */
export const dynamoDbService = (
  engine: EngineClient,
  environment: Environment,
  keys: PartitionKeys,
): JsonService => ({
  name: 'dynamodb',
  contentType: 'application/x-amz-json-1.0',
  targetPrefix,
  actionsOf: dynamoDbActions(environment, keys),
  perform: async (operation, input, body) => {
    if (!counted.has(operation))
      return withOwnArns(await engine.send(targetPrefix + operation, body), environment)
    const asked = input.ReturnConsumedCapacity !== undefined && input.ReturnConsumedCapacity !== 'NONE'
    const request = asked ? body : JSON.stringify({ ...input, ReturnConsumedCapacity: 'TOTAL' })
    const answer = await engine.send(targetPrefix + operation, request)
    if (answer.status !== 200) return answer
    const { ConsumedCapacity, ...output } = JSON.parse(answer.body.toString()) as JsonObject
    return {
      ...answer,
      ...(!asked && { body: JSON.stringify(output) }),
      consumedCapacity: capacities(ConsumedCapacity),
    }
  },
})

const capacities = (told: unknown): readonly ConsumedCapacity[] =>
  [told].flat().flatMap((one: unknown) => {
    if (typeof one !== 'object' || one === null) return []
    const { TableName, CapacityUnits } = one as JsonObject
    return [{ table: String(TableName), units: Number(CapacityUnits) }]
  })

/** The engine's ARNs name a region `dynoxide`. */
const withOwnArns = (answer: ServiceAnswer, { partition, region, account }: Environment): ServiceAnswer => ({
  ...answer,
  body: answer.body
    .toString()
    .replace(/arn:aws:dynamodb:[^:"]*:[^:"]*:/g, `arn:${partition}:dynamodb:${region}:${account}:`),
})
