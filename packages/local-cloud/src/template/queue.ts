import { PropertyReader } from './property-reader.ts'
import { describeResource, type ResolvedResource } from './resolved-resource.ts'

export interface QueueResource {
  readonly logicalId: string
  readonly queueName: string
  readonly fifo: boolean
  /** Seconds; 30 when the template says nothing. */
  readonly visibilityTimeoutSeconds: number
  readonly redrive?: { readonly deadLetterTargetArn: string; readonly maxReceiveCount: number }
  /** The attributes of the CreateQueue request. */
  readonly attributes: Readonly<Record<string, string>>
}

/** Properties of queues that are accepted without effect. */
export const queueNotEmulated = {
  KmsMasterKeyId: 'messages lie unencrypted in memory; using the key needs no permission',
  KmsDataKeyReusePeriodSeconds: 'messages lie unencrypted in memory',
  SqsManagedSseEnabled: 'messages lie unencrypted in memory',
  DeduplicationScope: 'deduplication spans the queue, as without high throughput',
  FifoThroughputLimit: 'no limit is enforced',
  RedriveAllowPolicy: 'every queue may use the dead-letter queue',
  Tags: 'no effect',
} as const

const numericAttributes = [
  'DelaySeconds',
  'MaximumMessageSize',
  'MessageRetentionPeriod',
  'ReceiveMessageWaitTimeSeconds',
  'VisibilityTimeout',
] as const

/** Reads `AWS::SQS::Queue`. */
export const parseQueue = (resource: ResolvedResource): QueueResource => {
  const properties = new PropertyReader(describeResource(resource), resource.properties)
  properties.accept(queueNotEmulated)
  properties.raw('QueueName')

  const attributes: Record<string, string> = {}
  for (const name of numericAttributes) {
    const value = properties.optionalNumber(name)
    if (value !== undefined) attributes[name] = String(value)
  }
  const fifo = properties.optionalBoolean('FifoQueue') ?? false
  if (fifo) {
    attributes.FifoQueue = 'true'
    attributes.ContentBasedDeduplication = String(
      properties.optionalBoolean('ContentBasedDeduplication') ?? false,
    )
  }

  const policy = properties.optionalObject('RedrivePolicy')
  const redrive = policy && {
    deadLetterTargetArn: policy.string('deadLetterTargetArn'),
    maxReceiveCount: policy.number('maxReceiveCount'),
  }
  if (redrive) attributes.RedrivePolicy = JSON.stringify(redrive)
  properties.end()

  return {
    logicalId: resource.logicalId,
    queueName: resource.physicalName,
    fifo,
    visibilityTimeoutSeconds: Number(attributes.VisibilityTimeout ?? 30),
    ...(redrive && { redrive }),
    attributes,
  }
}
