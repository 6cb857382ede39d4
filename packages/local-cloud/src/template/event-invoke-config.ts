import { PropertyReader } from './property-reader.ts'
import { describeResource, type ResolvedResource } from './resolved-resource.ts'

/** What Lambda does with asynchronous invocations of one function. */
export interface EventInvokeConfigResource {
  readonly logicalId: string
  /** From a name or an ARN in the template. */
  readonly functionName: string
  readonly maximumRetryAttempts?: number
  readonly maximumEventAgeInSeconds?: number
  readonly onSuccessArn?: string
  readonly onFailureArn?: string
}

/** Reads `AWS::Lambda::EventInvokeConfig`; there are no versions and aliases to qualify. */
export const parseEventInvokeConfig = (resource: ResolvedResource): EventInvokeConfigResource => {
  const properties = new PropertyReader(describeResource(resource), resource.properties)
  properties.choice('Qualifier', ['$LATEST'])
  const maximumRetryAttempts = properties.optionalNumber('MaximumRetryAttempts')
  const maximumEventAgeInSeconds = properties.optionalNumber('MaximumEventAgeInSeconds')
  const destinations = properties.optionalObject('DestinationConfig')
  const onSuccessArn = destinations?.optionalObject('OnSuccess')?.string('Destination')
  const onFailureArn = destinations?.optionalObject('OnFailure')?.string('Destination')
  const config: EventInvokeConfigResource = {
    logicalId: resource.logicalId,
    functionName: properties.string('FunctionName').replace(/^arn:.*:function:/, ''),
    ...(maximumRetryAttempts !== undefined && { maximumRetryAttempts }),
    ...(maximumEventAgeInSeconds !== undefined && { maximumEventAgeInSeconds }),
    ...(onSuccessArn !== undefined && { onSuccessArn }),
    ...(onFailureArn !== undefined && { onFailureArn }),
  }
  properties.end()
  return config
}
