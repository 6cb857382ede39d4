import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Environment, localEnvironment } from '../arn.ts'
import type { StreamSource } from '../events/stream-source.ts'
import { operatorCredentials } from '../gateway/principals.ts'
import { type ChildGuard, startChildGuard } from '../lambda/child-guard.ts'
import { assemblyTables } from '../template/assembly-tables.ts'
import type { TableResource } from '../template/table.ts'
import { createTables } from './create-tables.ts'
import { dynamoDbApi } from './dynamodb-api.ts'
import { findDynamoDbBinary } from './dynamodb-binary.ts'
import { indexStreamRecords, sweepTimeToLive, trimStreamRecords } from './dynamodb-maintenance.ts'
import { type DynamoDbProcess, startDynamoDbProcess } from './dynamodb-process.ts'
import { type AdmitStreamCall, dynamoDbStream } from './dynamodb-stream.ts'

export interface DynamoDbOptions {
  /** Where the data lies and survives; without it a temporary directory that `close()` removes. */
  readonly dataDirectory?: string
  /** An engine that runs already, DynamoDB Local for instance. Its time to live and its stream retention are its own. */
  readonly endpoint?: string
  /** Region and account of the ARNs in stream records. */
  readonly environment?: Environment
  /** Kills the engine when this process dies; without it the engine has a guard of its own. */
  readonly guard?: ChildGuard
}

export interface DynamoDbEngine {
  /** `http://127.0.0.1:<port>`: the engine itself, in front of which nobody asks for permission. */
  readonly endpoint: string
  /** Spread into the constructor of an SDK client. */
  readonly clientConfig: {
    readonly endpoint: string
    readonly region: string
    readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string }
  }
  /** Creates the tables as the template declares them; keeps those that an earlier run created alike, else throws. */
  createTables(tables: readonly TableResource[]): Promise<void>
  /** The change stream of a table that has one. `admit` is asked before each call of the streams API. */
  stream(tableName: string, admit?: AdmitStreamCall): StreamSource
  /** Deletes expired items and returns how many; AWS does it by itself, within days. Zero on a foreign endpoint. */
  sweepTimeToLive(): Promise<number>
  /** Forgets stream records that were written before `beforeMs`; AWS keeps 24 hours. Returns how many. */
  trimStreams(beforeMs: number): Promise<number>
  /** Rejects when the engine ends by itself; pending until then. */
  readonly failed: Promise<never>
  /** Kills the engine and waits for its end. Data in a given directory stays: the file survives a kill. */
  close(): Promise<void>
}

/**
 * Starts DynamoDB on loopback, ready for requests: the engine of this platform's optional package, else `dynoxide` on
 * PATH, else the endpoint in AWS_ENDPOINT_URL_DYNAMODB. Throws one error that says what to install when there is none.
 */
export const startDynamoDb = async (options: DynamoDbOptions = {}): Promise<DynamoDbEngine> => {
  const environment = options.environment ?? localEnvironment
  if (options.endpoint !== undefined) return foreignEngine(options.endpoint, environment)
  const binary = findDynamoDbBinary()
  if (binary !== undefined) return ownEngine(binary, options, environment)
  const endpoint = process.env.AWS_ENDPOINT_URL_DYNAMODB
  if (endpoint !== undefined) return foreignEngine(endpoint, environment)
  throw new Error(
    `No DynamoDB engine for ${process.platform}-${process.arch}. Put a dynoxide 1.2 binary on PATH ` +
      '(https://github.com/nubo-db/dynoxide/releases), or start DynamoDB Local and set ' +
      'AWS_ENDPOINT_URL_DYNAMODB=http://127.0.0.1:8000.',
  )
}

/** An engine with all tables of a synthesised assembly, and the physical names of the tables by logical id. */
export interface TablesEngine extends DynamoDbEngine {
  /** Throws when there is not exactly one table whose logical id starts with `logicalId` (CDK appends a hash). */
  tableName(logicalId: string): string
}

/**
 * Starts an engine with every table of the assembly in `assemblyDirectory` (`infra/cdk.out`), for tests of code that
 * needs real tables and nothing else of the cloud.
 */
export const startTables = async (
  assemblyDirectory: string,
  options: DynamoDbOptions = {},
): Promise<TablesEngine> => {
  const tables = assemblyTables(assemblyDirectory, options.environment)
  const engine = await startDynamoDb(options)
  try {
    await engine.createTables(tables)
  } catch (error) {
    await engine.close()
    throw error
  }
  return {
    ...engine,
    tableName(logicalId) {
      const [table, ...others] = tables.filter((candidate) => candidate.logicalId.startsWith(logicalId))
      if (table !== undefined && others.length === 0) return table.tableName
      throw new Error(
        `${others.length === 0 ? 'No table' : 'More than one table'} has a logical id that starts with ${logicalId}: ` +
          tables.map((candidate) => candidate.logicalId).join(', '),
      )
    },
  }
}

const connect = (endpoint: string, environment: Environment) => {
  const api = dynamoDbApi(endpoint, environment.region)
  return {
    endpoint,
    clientConfig: {
      endpoint,
      region: environment.region,
      credentials: operatorCredentials,
    },
    ready: () => api('DynamoDB', 'ListTables', {}),
    createTables: (tables: readonly TableResource[]) => createTables(api, tables),
    stream: (tableName: string, admit?: AdmitStreamCall) =>
      dynamoDbStream({ api, environment, tableName, admit }),
  }
}

const foreignEngine = async (endpoint: string, environment: Environment): Promise<DynamoDbEngine> => {
  if (new URL(endpoint).hostname.endsWith('.amazonaws.com')) {
    throw new Error(`${endpoint} is AWS itself: the local cloud creates no tables there`)
  }
  const connection = connect(endpoint, environment)
  await connection.ready().catch((error: unknown) => {
    throw new Error(`No DynamoDB answers at ${endpoint}`, { cause: error })
  })
  return {
    ...connection,
    sweepTimeToLive: () => Promise.resolve(0),
    trimStreams: () => Promise.resolve(0),
    failed: new Promise<never>(() => undefined),
    close: () => Promise.resolve(),
  }
}

const ownEngine = async (
  binary: string,
  options: DynamoDbOptions,
  environment: Environment,
): Promise<DynamoDbEngine> => {
  const directory = options.dataDirectory ?? mkdtempSync(join(tmpdir(), 'local-cloud-dynamodb-'))
  mkdirSync(directory, { recursive: true })
  const databaseFile = join(directory, 'dynamodb.sqlite')
  const guard = options.guard ?? startChildGuard()
  const release = async (): Promise<void> => {
    if (options.guard === undefined) await guard.close()
    if (options.dataDirectory === undefined) rmSync(directory, { recursive: true, force: true })
  }
  let child: DynamoDbProcess | undefined
  try {
    child = await startDynamoDbProcess(binary, databaseFile, guard)
    const { endpoint, failed, stop } = child
    const connection = connect(endpoint, environment)
    await Promise.race([connection.ready(), failed])
    indexStreamRecords(databaseFile)
    return {
      ...connection,
      sweepTimeToLive: () => sweepTimeToLive(binary, databaseFile),
      trimStreams: (beforeMs) => trimStreamRecords(databaseFile, beforeMs),
      failed,
      close: async () => {
        await stop()
        await release()
      },
    }
  } catch (error) {
    await child?.stop()
    await release()
    throw error
  }
}
