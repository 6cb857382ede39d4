import type { Environment } from '../arn.ts'
import { providerResources } from './custom-resources.ts'
import { noValue, type References, resolveIntrinsics } from './intrinsics.ts'
import type { Assembly, Stack } from './load-assembly.ts'
import { checkParameterNames, parameterValue } from './parameters.ts'
import { physicalName } from './physical-name.ts'
import { isObject } from './property-reader.ts'
import { describeResource, type ResolvedResource } from './resolved-resource.ts'
import { type Addresses, identify, type ResourceIdentity } from './resource-identity.ts'
import { TemplateError } from './template-error.ts'

export interface ResolveOptions {
  readonly environment: Environment
  readonly addresses: Addresses
  /** Values for the stacks' parameters by name; a name in several stacks means all of them. */
  readonly parameters?: Readonly<Record<string, string>>
}

/** An assembly whose references can be followed; each resource is resolved when somebody asks for it. */
export interface ResolvedAssembly {
  /** Resources of the given types with resolved properties, in deployment order of the stacks; conditions applied. */
  resources(...types: readonly string[]): readonly ResolvedResource[]
  /** Type and logical id of everything that is deployed, unresolved. */
  readonly inventory: readonly { readonly stack: string; readonly logicalId: string; readonly type: string }[]
  /** What Ref and Fn::GetAtt return for a resource. */
  identity(resource: ResolvedResource): ResourceIdentity
  /** Resolved outputs by stack and output name. */
  outputs(): Readonly<Record<string, Readonly<Record<string, string>>>>
  /** The directory of a Lambda code asset by its S3 key. */
  assetDirectory(stack: string, objectKey: string): string
}

/** Follows references within and across stacks. Throws {@link TemplateError} for anything that leads nowhere. */
export const resolveAssembly = (assembly: Assembly, options: ResolveOptions): ResolvedAssembly => {
  const parameters = options.parameters ?? {}
  checkParameterNames(assembly.stacks, parameters)
  const resolved = new Map<string, ResolvedResource>()
  const inProgress = new Set<string>()

  const pseudoParameters = (stack: Stack): Readonly<Record<string, unknown>> => ({
    'AWS::Region': options.environment.region,
    'AWS::AccountId': options.environment.account,
    'AWS::Partition': options.environment.partition,
    'AWS::URLSuffix': 'amazonaws.com',
    'AWS::StackName': stack.name,
    'AWS::StackId': `arn:${options.environment.partition}:cloudformation:${options.environment.region}:${options.environment.account}:stack/${stack.name}/local`,
    'AWS::NotificationARNs': [],
    'AWS::NoValue': noValue,
  })

  /** An HTTP API answers on loopback: what the template builds from its id is the name that it has on AWS. */
  const localAddress = new RegExp(
    `https://([a-z0-9]+)\\.execute-api\\.${options.environment.region}\\.amazonaws\\.com`,
    'g',
  )
  const resolveValue = (stack: Stack, value: unknown): unknown =>
    mapStrings(resolveIntrinsics(value, referencesOf(stack)), (text) =>
      text.replace(localAddress, (_, apiId: string) => options.addresses.httpApi(apiId)),
    )

  const referencesOf = (stack: Stack): References => ({
    ref(logicalId) {
      const pseudo = pseudoParameters(stack)
      if (logicalId in pseudo) return pseudo[logicalId]
      const parameter = stack.template.Parameters[logicalId]
      if (parameter !== undefined) {
        return parameterValue(stack.name, logicalId, parameter, parameters[logicalId])
      }
      return identity(resolve(stack, logicalId)).ref
    },
    attribute(logicalId, attribute) {
      const resource = resolve(stack, logicalId)
      const { attributes } = identity(resource)
      const value = attributes[attribute]
      if (value === undefined) {
        throw new TemplateError(
          `${describeResource(resource)}: attribute ${attribute} is not known to the local cloud`,
        )
      }
      return value
    },
    importValue(exportName) {
      for (const exporting of assembly.stacks) {
        for (const { Value, Export } of Object.values(exporting.template.Outputs)) {
          if (Export === undefined) continue
          const name = resolveIntrinsics(Export.Name, referencesOf(exporting))
          if (name === exportName) return resolveValue(exporting, Value)
        }
      }
      throw new TemplateError(`${stack.name}: no stack exports ${exportName}`)
    },
    condition(name) {
      const condition = stack.template.Conditions[name]
      if (condition === undefined) throw new TemplateError(`${stack.name}: there is no condition ${name}`)
      return resolveIntrinsics(condition, referencesOf(stack)) === true
    },
    mapping(map, first, second) {
      const value = [map, first, second].reduce<unknown>(
        (level, key) => (isObject(level) ? level[key] : undefined),
        stack.template.Mappings,
      )
      if (value === undefined) throw new TemplateError(`${stack.name}: no mapping ${map}.${first}.${second}`)
      return value
    },
  })

  const resolve = (stack: Stack, logicalId: string): ResolvedResource => {
    const id = `${stack.name}.${logicalId}`
    const known = resolved.get(id)
    if (known !== undefined) return known
    const resource = stack.template.Resources[logicalId]
    if (resource === undefined) throw new TemplateError(`${stack.name}: there is no resource ${logicalId}`)
    const where = describeResource({ stack: stack.name, logicalId, type: resource.Type })
    if (inProgress.has(id)) throw new TemplateError(`Circular dependency: ${[...inProgress, id].join(' → ')}`)
    inProgress.add(id)
    const properties = inContext(where, () => resolveValue(stack, resource.Properties ?? {})) as Readonly<
      Record<string, unknown>
    >
    inProgress.delete(id)
    const result: ResolvedResource = {
      stack: stack.name,
      logicalId,
      type: resource.Type,
      physicalName: physicalName(stack.name, logicalId, resource.Type, properties),
      properties,
    }
    resolved.set(id, result)
    return result
  }

  const identity = (resource: ResolvedResource): ResourceIdentity =>
    identify(resource, options.environment, options.addresses)

  const deployed = assembly.stacks.flatMap((stack) => {
    const providers = providerResources(stack)
    return Object.entries(stack.template.Resources)
      .filter(([logicalId]) => !providers.has(logicalId))
      .filter(([, { Condition }]) => Condition === undefined || referencesOf(stack).condition(Condition))
      .map(([logicalId, { Type }]) => ({ stack, logicalId, type: Type }))
  })

  return {
    identity,

    inventory: deployed.map(({ stack, logicalId, type }) => ({ stack: stack.name, logicalId, type })),

    resources: (...types) =>
      deployed
        .filter(({ type }) => types.includes(type))
        .map(({ stack, logicalId }) => resolve(stack, logicalId)),

    outputs: () =>
      Object.fromEntries(
        assembly.stacks.map((stack) => [
          stack.name,
          Object.fromEntries(
            Object.entries(stack.template.Outputs)
              .filter(
                ([, { Condition }]) => Condition === undefined || referencesOf(stack).condition(Condition),
              )
              .map(([name, { Value }]) => [
                name,
                inContext(`${stack.name}: output ${name}`, () => String(resolveValue(stack, Value))),
              ]),
          ),
        ]),
      ),

    assetDirectory(stackName, objectKey) {
      const directory = assembly.stacks.find(({ name }) => name === stackName)?.assets.get(objectKey)
      if (directory === undefined) throw new TemplateError(`${stackName}: no asset has the key ${objectKey}`)
      return directory
    },
  }
}

const mapStrings = (value: unknown, map: (text: string) => string): unknown => {
  if (typeof value === 'string') return map(value)
  if (Array.isArray(value)) return value.map((entry) => mapStrings(entry, map))
  if (!isObject(value)) return value
  return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, mapStrings(entry, map)]))
}

/** Says where in the template an error happened, once: an error that names a place already passes as it is. */
const inContext = <Value>(where: string, action: () => Value): Value => {
  try {
    return action()
  } catch (error) {
    if (error instanceof TemplateError && !error.message.startsWith('In ')) {
      throw new TemplateError(`In ${where}: ${error.message}`, { cause: error })
    }
    throw error
  }
}
