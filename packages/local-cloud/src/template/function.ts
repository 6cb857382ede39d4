import type { Environment } from '../arn.ts'
import { arnOf } from '../arn.ts'
import type { FunctionConfig } from '../lambda/function-config.ts'
import { PropertyReader } from './property-reader.ts'
import { describeResource, type ResolvedResource } from './resolved-resource.ts'

export interface FunctionResource extends FunctionConfig {
  readonly logicalId: string
  readonly roleArn: string
}

/** Properties of functions that are accepted without effect. */
export const functionNotEmulated = {
  Architectures: 'functions run on the processor of this machine',
  Description: 'no effect',
  RuntimeManagementConfig: 'functions run on the Node.js that runs the local cloud',
  TracingConfig: 'no X-Ray; the trace header is passed on',
  RecursiveLoop: 'loops are not detected',
  Tags: 'no effect',
} as const

const runtimes = ['nodejs22.x', 'nodejs24.x'] as const

/** Reads `AWS::Lambda::Function`; `assetDirectory` finds the unpacked bundle of its S3 key. */
export const parseFunction = (
  resource: ResolvedResource,
  environment: Environment,
  assetDirectory: (stack: string, objectKey: string) => string,
): FunctionResource => {
  const properties = new PropertyReader(describeResource(resource), resource.properties)
  properties.accept(functionNotEmulated)
  properties.raw('FunctionName')
  properties.choice('Runtime', runtimes)
  properties.optionalChoice('PackageType', ['Zip'])
  const code = properties.object('Code')
  code.string('S3Bucket')
  const logging = properties.optionalObject('LoggingConfig')
  logging?.raw('SystemLogLevel')
  const logFormat = logging?.optionalChoice('LogFormat', ['Text', 'JSON'])
  const logLevel = logging?.optionalString('ApplicationLogLevel')
  const logGroupName = logging?.optionalString('LogGroup')
  const reservedConcurrency = properties.optionalNumber('ReservedConcurrentExecutions')

  const result: FunctionResource = {
    logicalId: resource.logicalId,
    name: resource.physicalName,
    arn: arnOf(environment, 'lambda', `function:${resource.physicalName}`),
    roleArn: properties.string('Role'),
    codeDirectory: assetDirectory(resource.stack, code.string('S3Key')),
    handler: properties.string('Handler'),
    environment: properties.optionalObject('Environment')?.stringMap('Variables') ?? {},
    timeoutSeconds: properties.optionalNumber('Timeout') ?? 3,
    memoryMegabytes: properties.optionalNumber('MemorySize') ?? 128,
    ...(reservedConcurrency !== undefined && { reservedConcurrency }),
    ...(logFormat !== undefined && { logFormat }),
    ...(logLevel !== undefined && { logLevel }),
    ...(logGroupName !== undefined && { logGroupName }),
  }
  properties.end()
  return result
}
