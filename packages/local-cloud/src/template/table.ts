import { PropertyReader } from './property-reader.ts'
import { describeResource, type ResolvedResource } from './resolved-resource.ts'

export interface KeyElement {
  readonly AttributeName: string
  readonly KeyType: 'HASH' | 'RANGE'
}

export interface AttributeDefinition {
  readonly AttributeName: string
  readonly AttributeType: 'S' | 'N' | 'B'
}

export interface SecondaryIndex {
  readonly IndexName: string
  readonly KeySchema: readonly KeyElement[]
  readonly Projection: {
    readonly ProjectionType: 'ALL' | 'KEYS_ONLY' | 'INCLUDE'
    readonly NonKeyAttributes?: readonly string[]
  }
}

const streamViewTypes = ['NEW_AND_OLD_IMAGES', 'NEW_IMAGE', 'OLD_IMAGE', 'KEYS_ONLY'] as const

/** A DynamoDB table as the engine creates it; the nested shapes are those of the CreateTable request. */
export interface TableResource {
  readonly logicalId: string
  readonly tableName: string
  readonly keySchema: readonly KeyElement[]
  readonly attributeDefinitions: readonly AttributeDefinition[]
  readonly globalSecondaryIndexes: readonly SecondaryIndex[]
  readonly localSecondaryIndexes: readonly SecondaryIndex[]
  readonly streamViewType?: (typeof streamViewTypes)[number]
  readonly timeToLiveAttribute?: string
}

/** Properties of tables that are accepted without effect. */
export const tableNotEmulated = {
  BillingMode:
    'nothing is throttled, except by a plan of faults, or billed; the call recorder counts capacity',
  ProvisionedThroughput: 'nothing is throttled, except by a plan of faults',
  OnDemandThroughput: 'nothing is throttled, except by a plan of faults',
  WarmThroughput: 'nothing is throttled, except by a plan of faults',
  WriteOnDemandThroughputSettings: 'nothing is throttled, except by a plan of faults',
  WriteProvisionedThroughputSettings: 'nothing is throttled, except by a plan of faults',
  ReadOnDemandThroughputSettings: 'nothing is throttled, except by a plan of faults',
  PointInTimeRecoverySpecification: 'no backups',
  ContributorInsightsSpecification: 'no CloudWatch',
  DeletionProtectionEnabled: 'the local cloud deletes no tables',
  SSESpecification: 'data lies unencrypted in the data directory',
  TableClass: 'no billing',
  Tags: 'no effect',
} as const

/** Reads `AWS::DynamoDB::Table` and `AWS::DynamoDB::GlobalTable` (one replica: the environment's region). */
export const parseTable = (resource: ResolvedResource): TableResource => {
  const properties = new PropertyReader(describeResource(resource), resource.properties)
  properties.accept(tableNotEmulated)
  properties.raw('TableName')

  const replicas = properties.objects('Replicas')
  if (replicas.length > 1) throw properties.error('Replicas', 'names several regions; one is emulated')
  for (const replica of replicas) {
    replica.string('Region')
    replica.accept(tableNotEmulated)
    for (const index of replica.objects('GlobalSecondaryIndexes')) {
      index.string('IndexName')
      index.accept(tableNotEmulated)
    }
  }

  const stream = properties.optionalObject('StreamSpecification')
  const streamEnabled = stream?.optionalBoolean('StreamEnabled') ?? true
  const streamViewType = stream?.optionalChoice('StreamViewType', streamViewTypes)
  const timeToLive = properties.optionalObject('TimeToLiveSpecification')
  const timeToLiveAttribute =
    timeToLive?.optionalBoolean('Enabled') === true ? timeToLive.string('AttributeName') : undefined
  timeToLive?.raw('AttributeName')

  const table: TableResource = {
    logicalId: resource.logicalId,
    tableName: resource.physicalName,
    keySchema: keySchema(properties),
    attributeDefinitions: properties.objects('AttributeDefinitions').map((definition) => ({
      AttributeName: definition.string('AttributeName'),
      AttributeType: definition.choice('AttributeType', ['S', 'N', 'B']),
    })),
    globalSecondaryIndexes: properties.objects('GlobalSecondaryIndexes').map(secondaryIndex),
    localSecondaryIndexes: properties.objects('LocalSecondaryIndexes').map(secondaryIndex),
    ...(streamEnabled && streamViewType !== undefined && { streamViewType }),
    ...(timeToLiveAttribute !== undefined && { timeToLiveAttribute }),
  }
  properties.end()
  return table
}

const keySchema = (reader: PropertyReader): KeyElement[] =>
  reader.objects('KeySchema').map((element) => ({
    AttributeName: element.string('AttributeName'),
    KeyType: element.choice('KeyType', ['HASH', 'RANGE']),
  }))

const secondaryIndex = (reader: PropertyReader): SecondaryIndex => {
  reader.accept(tableNotEmulated)
  const projection = reader.object('Projection')
  const nonKeyAttributes = projection.strings('NonKeyAttributes')
  return {
    IndexName: reader.string('IndexName'),
    KeySchema: keySchema(reader),
    Projection: {
      ProjectionType: projection.choice('ProjectionType', ['ALL', 'KEYS_ONLY', 'INCLUDE']),
      ...(nonKeyAttributes.length > 0 && { NonKeyAttributes: nonKeyAttributes }),
    },
  }
}
