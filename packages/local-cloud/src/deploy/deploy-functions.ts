import type { Environment } from '../arn.ts'
import type { Principals } from '../gateway/principals.ts'
import { evaluateTrust } from '../iam/service-access.ts'
import type { ChildGuard } from '../lambda/child-guard.ts'
import { accountConcurrency } from '../lambda/concurrency.ts'
import type { Credentials } from '../lambda/environment-variables.ts'
import type { LogStore } from '../lambda/log-store.ts'
import { type FunctionRuntime, startFunction } from '../lambda/start-function.ts'
import type { CloudTemplate } from '../template/cloud-template.ts'
import type { FunctionResource } from '../template/function.ts'
import type { RoleResource } from '../template/role.ts'

/** A function with the credentials of its role, one set for each session. */
export interface DeployedFunction {
  readonly logicalId: string
  readonly name: string
  readonly arn: string
  readonly runtime: FunctionRuntime
  credentialsFor(sessionToken: string): Credentials
}

export interface FunctionEnvironment {
  readonly environment: Environment
  readonly principals: Principals
  readonly guard: ChildGuard
  readonly logs: LogStore
  readonly stagingDirectory: string
  /** `AWS_ENDPOINT_URL_DYNAMODB` and the like. */
  readonly endpoints: Readonly<Record<string, string>>
}

/** Invocations that a new account may have in progress, once AWS has raised its first quota of ten. */
const accountLimit = 1_000

/** Starts the functions of a template. Throws when a function's role does not trust Lambda, as CreateFunction does. */
export const deployFunctions = async (
  template: CloudTemplate,
  deps: FunctionEnvironment,
): Promise<readonly DeployedFunction[]> => {
  const concurrency = accountConcurrency(accountLimit)
  return Promise.all(
    template.functions.map(async (config): Promise<DeployedFunction> => {
      const role = roleOf(template, config)
      const trusted = evaluateTrust(
        {
          service: 'lambda.amazonaws.com',
          sourceArn: config.arn,
          sourceAccount: deps.environment.account,
          roleArn: role.arn,
        },
        role.trust,
      )
      if (!trusted.allowed) throw new Error(`${config.logicalId}: its role cannot be assumed by Lambda`)
      const credentialsFor = deps.principals.add({
        name: config.name,
        roleArn: role.arn,
        policies: role.policies,
      })
      const runtime = await startFunction(config, { ...deps, concurrency, credentialsFor })
      return { logicalId: config.logicalId, name: config.name, arn: config.arn, runtime, credentialsFor }
    }),
  )
}

const roleOf = (template: CloudTemplate, { logicalId, roleArn }: FunctionResource): RoleResource => {
  const role = template.roles.find(({ arn }) => arn === roleArn)
  if (role === undefined) throw new Error(`${logicalId}: the template has no role ${roleArn}`)
  return role
}
