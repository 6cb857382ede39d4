import { arnOf, type Environment } from '../arn.ts'
import type { RequestedAction } from './authorize.ts'
import { type JsonObject, ServiceFaultError } from './gateway-service.ts'
import { keyValue, type PartitionKeys, queriedKey } from './leading-keys.ts'

/** Operations on items, each of which is an action on one table. */
const itemOperations: ReadonlyMap<string, 'Item' | 'Key'> = new Map(
  Object.entries({
    GetItem: 'Key',
    PutItem: 'Item',
    UpdateItem: 'Key',
    DeleteItem: 'Key',
  } as const),
)

const tableOperations = new Set(['DescribeTable', 'DescribeTimeToLive'])

/** The elements of transactions: no actions of their own, each counts as what it does. */
const transactElements: ReadonlyMap<string, { readonly action: string; readonly keyIn: 'Item' | 'Key' }> =
  new Map([
    ['Put', { action: 'PutItem', keyIn: 'Item' }],
    ['Update', { action: 'UpdateItem', keyIn: 'Key' }],
    ['Delete', { action: 'DeleteItem', keyIn: 'Key' }],
    ['ConditionCheck', { action: 'ConditionCheckItem', keyIn: 'Key' }],
    ['Get', { action: 'GetItem', keyIn: 'Key' }],
  ])

/**
 * The IAM actions of a DynamoDB request. Undefined for what the local cloud does not offer: PartiQL, exports, table
 * management. Throws ServiceFaultError for a request without its table.
 */
export const dynamoDbActions =
  (environment: Environment, keys: PartitionKeys) =>
  (operation: string, input: JsonObject): readonly RequestedAction[] | undefined => {
    const action = (name: string, table: string, values: readonly string[], enclosing?: string) => ({
      action: `dynamodb:${name}`,
      resource: tableArn(environment, table),
      conditions: {
        ...(values.length > 0 && { 'dynamodb:LeadingKeys': values }),
        ...(enclosing && { 'dynamodb:EnclosingOperation': enclosing }),
      },
    })

    const keyed = itemOperations.get(operation)
    if (keyed) {
      const table = tableOf(input)
      return [action(operation, table, keyValue(input[keyed], keys(tableName(table))))]
    }
    if (operation === 'Query' || operation === 'Scan') {
      const table = tableOf(input)
      const { IndexName } = input
      const index = typeof IndexName === 'string' ? IndexName : undefined
      const values = operation === 'Query' ? queriedKey(input, keys(tableName(table), index)) : []
      const onTable = action(operation, table, values)
      return [index ? { ...onTable, resource: `${onTable.resource}/index/${index}` } : onTable]
    }
    if (operation === 'BatchGetItem' || operation === 'BatchWriteItem') {
      return Object.entries(objectOf(input.RequestItems)).map(([table, requests]) => {
        const items =
          operation === 'BatchGetItem' ? listOf(objectOf(requests).Keys) : batchWriteItems(requests)
        const values = items.flatMap((item) => keyValue(item, keys(tableName(table))))
        return action(operation, table, [...new Set(values)])
      })
    }
    if (operation === 'TransactWriteItems' || operation === 'TransactGetItems') {
      const merged = new Map<string, { name: string; table: string; values: Set<string> }>()
      for (const item of listOf(input.TransactItems)) {
        for (const [kind, element] of Object.entries(objectOf(item))) {
          const known = transactElements.get(kind)
          if (!known) throw invalid(`${operation} has an element ${kind}`)
          const request = objectOf(element)
          const table = tableOf(request)
          const key = `${known.action} ${table}`
          const same = merged.get(key) ?? { name: known.action, table, values: new Set() }
          for (const value of keyValue(request[known.keyIn], keys(tableName(table)))) same.values.add(value)
          merged.set(key, same)
        }
      }
      return [...merged.values()].map(({ name, table, values }) =>
        action(name, table, [...values], operation),
      )
    }
    if (tableOperations.has(operation)) return [action(operation, tableOf(input), [])]
    if (operation === 'ListTables') return [{ action: 'dynamodb:ListTables', resource: '*' }]
    return undefined
  }

const batchWriteItems = (requests: unknown): readonly unknown[] =>
  listOf(requests).map((request) => {
    const { PutRequest, DeleteRequest } = objectOf(request)
    return PutRequest === undefined ? objectOf(DeleteRequest).Key : objectOf(PutRequest).Item
  })

const tableOf = ({ TableName }: JsonObject): string => {
  if (typeof TableName === 'string' && TableName !== '') return TableName
  throw invalid('TableName is missing')
}

/** Requests may name a table by its ARN, too; whose ARN it claims to be does not matter to the engine. */
const tableName = (nameOrArn: string): string => nameOrArn.slice(nameOrArn.lastIndexOf('/') + 1)
const tableArn = (environment: Environment, nameOrArn: string): string =>
  arnOf(environment, 'dynamodb', `table/${tableName(nameOrArn)}`)

const objectOf = (value: unknown): JsonObject => {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as JsonObject
  throw invalid('the request is malformed')
}

const listOf = (value: unknown): readonly unknown[] => {
  if (Array.isArray(value)) return value
  throw invalid('the request is malformed')
}

const invalid = (message: string): ServiceFaultError =>
  new ServiceFaultError({ status: 400, code: 'ValidationException', message })
