/** A resource of a stack whose properties hold no intrinsic functions any more. */
export interface ResolvedResource {
  readonly stack: string
  readonly logicalId: string
  readonly type: string
  /** The name given in the template or made up as CloudFormation does. */
  readonly physicalName: string
  readonly properties: Readonly<Record<string, unknown>>
}

/** How messages name a resource: `Stack.LogicalId (AWS::SQS::Queue)`. */
export const describeResource = (resource: Pick<ResolvedResource, 'stack' | 'logicalId' | 'type'>): string =>
  `${resource.stack}.${resource.logicalId} (${resource.type})`
