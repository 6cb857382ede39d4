import { createHash } from 'node:crypto'

interface NameRule {
  /** The property that names the resource in the template. */
  readonly property?: string
  readonly maximumLength: number
  readonly lowerCase?: true
  readonly suffix?: (properties: Readonly<Record<string, unknown>>) => string
}

/** How long names of each type may be; types that stand in no ARN or request need no row. */
const rules: Readonly<Record<string, NameRule>> = {
  'AWS::DynamoDB::Table': { property: 'TableName', maximumLength: 255 },
  'AWS::DynamoDB::GlobalTable': { property: 'TableName', maximumLength: 255 },
  'AWS::SQS::Queue': {
    property: 'QueueName',
    maximumLength: 80,
    suffix: ({ FifoQueue }) => (String(FifoQueue) === 'true' ? '.fifo' : ''),
  },
  'AWS::S3::Bucket': { property: 'BucketName', maximumLength: 63, lowerCase: true },
  'AWS::Lambda::Function': { property: 'FunctionName', maximumLength: 64 },
  'AWS::IAM::Role': { property: 'RoleName', maximumLength: 64 },
  'AWS::IAM::ManagedPolicy': { property: 'ManagedPolicyName', maximumLength: 128 },
  'AWS::IAM::Policy': { property: 'PolicyName', maximumLength: 128 },
  'AWS::Logs::LogGroup': { property: 'LogGroupName', maximumLength: 512 },
  'AWS::Scheduler::Schedule': { property: 'Name', maximumLength: 64 },
  'AWS::Scheduler::ScheduleGroup': { property: 'Name', maximumLength: 64 },
  'AWS::KMS::Alias': { property: 'AliasName', maximumLength: 256 },
  'AWS::CloudWatch::Alarm': { property: 'AlarmName', maximumLength: 255 },
  'AWS::CloudWatch::Dashboard': { property: 'DashboardName', maximumLength: 255 },
}

/** The property that gives a resource its name, when its type has one. */
export const namePropertyOf = (type: string): string | undefined => rules[type]?.property

const idLength = 12

/** A short stable hash in the alphabet of CloudFormation's random suffixes. */
export const hashOf = (text: string, length = idLength): string =>
  BigInt(`0x${createHash('sha256').update(text).digest('hex')}`)
    .toString(36)
    .slice(0, length)

/**
 * The physical name: the one that the template gives, else `<Stack>-<LogicalId>-<hash>` within the limits of the type.
 * Where AWS appends something random, the hash stays the same from run to run, so that kept data is found again.
 */
export const physicalName = (
  stack: string,
  logicalId: string,
  type: string,
  properties: Readonly<Record<string, unknown>>,
): string => {
  const rule = rules[type] ?? { maximumLength: 255 }
  const given = rule.property === undefined ? undefined : properties[rule.property]
  if (typeof given === 'string') return given
  const suffix = rule.suffix?.(properties) ?? ''
  const hash = hashOf(`${stack}/${logicalId}`).toUpperCase()
  const prefix = `${stack}-${logicalId}`.slice(0, rule.maximumLength - idLength - 1 - suffix.length)
  const name = `${prefix}-${hash}${suffix}`
  return rule.lowerCase ? name.toLowerCase() : name
}
