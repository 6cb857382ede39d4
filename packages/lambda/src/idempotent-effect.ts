import {
  IdempotencyAlreadyInProgressError,
  IdempotencyConfig,
  IdempotencyPersistenceLayerError,
  IdempotencyValidationError,
  makeIdempotent,
} from '@aws-lambda-powertools/idempotency'
import { DynamoDBPersistenceLayer } from '@aws-lambda-powertools/idempotency/dynamodb'
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import * as z from 'zod/mini'
import { currentInvocation } from './invocation.ts'

/** Names one effect. Who asks is a part of the name, so that nobody meets another's answer. */
export interface EffectRequest {
  readonly merchant: string
  readonly principal: string
  readonly route: string
  readonly key: string
  /** Tells a repeat from a reuse of the key. */
  readonly fingerprint: string
}

export type EffectOutcome<T> =
  | { readonly outcome: 'performed' | 'replayed'; readonly result: T }
  | { readonly outcome: 'in_progress' | 'key_reused' }

export type IdempotentEffect = <S extends z.core.$ZodType>(
  request: EffectRequest,
  /** What is kept for repeats, for a day and readable in the table: never a secret. */
  result: S,
  effect: () => Promise<z.output<S>>,
) => Promise<EffectOutcome<z.output<S>>>

/**
 * Powertools idempotency for effects outside the shop's transactions that are harmless but wasteful to repeat. It has no fencing: an effect
 * that outlives its invocation, or whose result could not be saved, is performed again. Money and stock therefore keep their answer in
 * the transaction itself (docs/adr).
 */
export const makeIdempotentEffect = (client: DynamoDBClient, tableName: string): IdempotentEffect => {
  const persistenceStore = new DynamoDBPersistenceLayer({ tableName, awsSdkV3Client: client })
  const config = new IdempotencyConfig({
    eventKeyJmesPath: 'name',
    payloadValidationJmesPath: 'fingerprint',
    // By default all requests without a key share one record and get each other's answer.
    throwOnNoIdempotencyKey: true,
    expiresAfterSeconds: 24 * 60 * 60,
    hashFunction: 'sha256',
  })
  return async ({ merchant, principal, route, key, fingerprint }, schema, effect) => {
    let outcome: 'performed' | 'replayed' = 'replayed'
    // The function wrapper and not the middleware: that one releases the lock when the result cannot be saved, and the effect runs twice.
    const perform = makeIdempotent(
      async (_request: { readonly name: string; readonly fingerprint: string }) => {
        outcome = 'performed'
        // As text: DynamoDB's types refuse undefined members, which would fail after the effect.
        return JSON.stringify(await effect())
      },
      { persistenceStore, config, keyPrefix: 'effect' },
    )
    // The lock ends with the invocation. Without a deadline a crash would hold the key for the whole day.
    config.registerLambdaContext(currentInvocation())
    try {
      const kept = await perform({ name: JSON.stringify([merchant, principal, route, key]), fingerprint })
      return { outcome, result: z.parse(schema, JSON.parse(kept)) }
    } catch (error) {
      if (error instanceof IdempotencyAlreadyInProgressError) return { outcome: 'in_progress' }
      if (error instanceof IdempotencyValidationError) return { outcome: 'key_reused' }
      // What the store itself said, such as that it is busy.
      if (error instanceof IdempotencyPersistenceLayerError) throw error.cause
      throw error
    }
  }
}
