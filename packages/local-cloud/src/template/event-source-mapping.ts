import type { FilterCriteria } from '../events/filter-criteria.ts'
import { PropertyReader } from './property-reader.ts'
import { describeResource, type ResolvedResource } from './resolved-resource.ts'

/** An event source mapping as the template has it; absent properties have the defaults of the source's kind. */
export interface EventSourceMappingResource {
  readonly logicalId: string
  readonly eventSourceArn: string
  /** From a name or an ARN in the template. */
  readonly functionName: string
  readonly enabled: boolean
  readonly batchSize?: number
  readonly maximumBatchingWindowInSeconds?: number
  readonly maximumConcurrency?: number
  readonly reportsBatchItemFailures: boolean
  readonly filterCriteria: FilterCriteria
  readonly startingPosition?: string
  readonly parallelizationFactor?: number
  readonly bisectBatchOnFunctionError?: boolean
  readonly maximumRetryAttempts?: number
  readonly maximumRecordAgeInSeconds?: number
  readonly tumblingWindowInSeconds?: number
  readonly onFailureArn?: string
}

/** Properties of event source mappings that are accepted without effect. */
export const eventSourceMappingNotEmulated = {
  MetricsConfig: 'no CloudWatch',
  Tags: 'no effect',
} as const

const numbers = {
  BatchSize: 'batchSize',
  MaximumBatchingWindowInSeconds: 'maximumBatchingWindowInSeconds',
  ParallelizationFactor: 'parallelizationFactor',
  MaximumRetryAttempts: 'maximumRetryAttempts',
  MaximumRecordAgeInSeconds: 'maximumRecordAgeInSeconds',
  TumblingWindowInSeconds: 'tumblingWindowInSeconds',
} as const

/** Reads `AWS::Lambda::EventSourceMapping`. */
export const parseEventSourceMapping = (resource: ResolvedResource): EventSourceMappingResource => {
  const properties = new PropertyReader(describeResource(resource), resource.properties)
  properties.accept(eventSourceMappingNotEmulated)
  for (const type of properties.strings('FunctionResponseTypes')) {
    if (type !== 'ReportBatchItemFailures') throw properties.error('FunctionResponseTypes', `has ${type}`)
  }
  const given: Partial<Record<(typeof numbers)[keyof typeof numbers], number>> = {}
  for (const [property, name] of Object.entries(numbers)) {
    const value = properties.optionalNumber(property)
    if (value !== undefined) given[name] = value
  }
  const maximumConcurrency = properties.optionalObject('ScalingConfig')?.number('MaximumConcurrency')
  const startingPosition = properties.optionalString('StartingPosition')
  const bisect = properties.optionalBoolean('BisectBatchOnFunctionError')
  const onFailureArn = properties
    .optionalObject('DestinationConfig')
    ?.optionalObject('OnFailure')
    ?.string('Destination')

  const mapping: EventSourceMappingResource = {
    logicalId: resource.logicalId,
    eventSourceArn: properties.string('EventSourceArn'),
    functionName: properties.string('FunctionName').replace(/^arn:.*:function:/, ''),
    enabled: properties.optionalBoolean('Enabled') ?? true,
    reportsBatchItemFailures: properties.strings('FunctionResponseTypes').length > 0,
    filterCriteria:
      properties
        .optionalObject('FilterCriteria')
        ?.objects('Filters')
        .map((filter) => filter.string('Pattern')) ?? [],
    ...given,
    ...(maximumConcurrency !== undefined && { maximumConcurrency }),
    ...(startingPosition !== undefined && { startingPosition }),
    ...(bisect !== undefined && { bisectBatchOnFunctionError: bisect }),
    ...(onFailureArn !== undefined && { onFailureArn }),
  }
  properties.end()
  return mapping
}
