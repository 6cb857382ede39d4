import type { JsonObject } from '../gateway/gateway-service.ts'
import { failedEntries } from './call-fault.ts'

/** A batch of which some entries fail: what is left to do, and the answer with what was not done. */
export interface PartialBatch {
  /** Undefined when no entry is left. */
  readonly request: JsonObject | undefined
  /** The answer to the whole batch, made of the answer to what was left. */
  answer(output: JsonObject): JsonObject
}

/** Lets some entries of a batch request fail; undefined for an operation that has no such answer, and for a batch without entries. */
export const partialBatch = (
  operation: string,
  input: JsonObject,
  salt: number,
): PartialBatch | undefined => {
  switch (operation) {
    case 'SendMessageBatch':
    case 'DeleteMessageBatch':
    case 'ChangeMessageVisibilityBatch':
      return partialSqsBatch(input, salt)
    case 'BatchWriteItem':
      return partialBatchWrite(input, salt)
    case 'BatchGetItem':
      return partialBatchGet(input, salt)
    default:
      return undefined
  }
}

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const partialSqsBatch = (input: JsonObject, salt: number): PartialBatch | undefined => {
  const entries: readonly unknown[] = Array.isArray(input.Entries) ? input.Entries : []
  const { hit, spared } = split(entries, salt)
  if (hit.length === 0) return undefined
  const failed = hit.map((entry) => ({
    Id: isObject(entry) ? entry.Id : undefined,
    SenderFault: false,
    Code: 'InternalError',
    Message: 'We encountered an internal error. Please try again.',
  }))
  return {
    request: spared.length > 0 ? { ...input, Entries: spared } : undefined,
    answer: (output) => ({
      Successful: [],
      ...output,
      Failed: [...(Array.isArray(output.Failed) ? output.Failed : []), ...failed],
    }),
  }
}

/** `RequestItems` is a list of writes for each table; so is `UnprocessedItems`. */
const partialBatchWrite = (input: JsonObject, salt: number): PartialBatch | undefined => {
  const writes = writesOf(input.RequestItems)
  const { hit, spared } = split(writes, salt)
  if (hit.length === 0) return undefined
  return {
    request: spared.length > 0 ? { ...input, RequestItems: byTable(spared) } : undefined,
    answer: (output) => ({
      ...output,
      UnprocessedItems: byTable([...writesOf(output.UnprocessedItems), ...hit]),
    }),
  }
}

/** `RequestItems` has the keys and how to read them for each table; so has `UnprocessedKeys`. */
const partialBatchGet = (input: JsonObject, salt: number): PartialBatch | undefined => {
  const tables = isObject(input.RequestItems) ? input.RequestItems : {}
  const keys = keysOf(tables)
  const { hit, spared } = split(keys, salt)
  if (hit.length === 0) return undefined
  const requestFor = (wanted: readonly (readonly [string, unknown])[]): JsonObject =>
    Object.fromEntries(
      Object.entries(byTable(wanted)).map(([table, Keys]) => {
        const request = tables[table]
        return [table, { ...(isObject(request) ? request : {}), Keys }]
      }),
    )
  return {
    request: spared.length > 0 ? { ...input, RequestItems: requestFor(spared) } : undefined,
    answer: (output) => ({
      Responses: {},
      ...output,
      UnprocessedKeys: requestFor([...keysOf(output.UnprocessedKeys), ...hit]),
    }),
  }
}

const split = <Entry>(
  entries: readonly Entry[],
  salt: number,
): { readonly hit: readonly Entry[]; readonly spared: readonly Entry[] } => {
  const failed = new Set(failedEntries(salt, entries.length))
  return {
    hit: entries.filter((_, index) => failed.has(index)),
    spared: entries.filter((_, index) => !failed.has(index)),
  }
}

const writesOf = (tables: unknown): readonly (readonly [string, unknown])[] =>
  Object.entries(isObject(tables) ? tables : {}).flatMap(([table, requests]) =>
    Array.isArray(requests) ? requests.map((request: unknown) => [table, request] as const) : [],
  )

const keysOf = (tables: unknown): readonly (readonly [string, unknown])[] =>
  Object.entries(isObject(tables) ? tables : {}).flatMap(([table, request]) =>
    isObject(request) && Array.isArray(request.Keys)
      ? request.Keys.map((key: unknown) => [table, key] as const)
      : [],
  )

const byTable = (
  entries: readonly (readonly [string, unknown])[],
): Readonly<Record<string, readonly unknown[]>> => {
  const tables = new Map<string, unknown[]>()
  for (const [table, entry] of entries) {
    const others = tables.get(table)
    if (others) others.push(entry)
    else tables.set(table, [entry])
  }
  return Object.fromEntries(tables)
}
