import { PropertyReader } from './property-reader.ts'
import { describeResource, type ResolvedResource } from './resolved-resource.ts'

/** Properties of log groups that are accepted without effect. */
export const logGroupNotEmulated = {
  RetentionInDays: 'logs stay until the data directory is deleted',
  LogGroupClass: 'no billing',
  KmsKeyId: 'logs lie unencrypted in the data directory',
  Tags: 'no effect',
} as const

/** Reads `AWS::Logs::LogGroup`; functions write to files of their own name whatever group they are given. */
export const checkLogGroup = (resource: ResolvedResource): void => {
  const properties = new PropertyReader(describeResource(resource), resource.properties)
  properties.accept(logGroupNotEmulated)
  properties.raw('LogGroupName')
  properties.end()
}
