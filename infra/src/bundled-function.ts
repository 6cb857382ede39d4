import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Duration } from 'aws-cdk-lib'
import { Effect, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam'
import { Architecture, Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda'
import { LogGroup } from 'aws-cdk-lib/aws-logs'
import { Construct } from 'constructs'
import type { Stage } from './stage.ts'

export interface BundledFunctionProps {
  readonly stage: Stage
  /** App folder and handler: `['cron', 'sweep-outbox']` is apps/cron/dist/sweep-outbox. */
  readonly bundle: readonly [app: string, handler: string]
  readonly timeout: Duration
  readonly memorySize: number
  readonly environment: Record<string, string>
}

/**
 * One function from its built bundle, with its own log group and a role that can write to that log group and nothing else:
 * every further right is one `allow` line where the function is declared.
 */
export class BundledFunction extends Construct {
  readonly function: LambdaFunction
  readonly role: Role

  constructor(scope: Construct, id: string, props: BundledFunctionProps) {
    super(scope, id)
    const [app, handler] = props.bundle
    const logGroup = new LogGroup(this, 'Logs', {
      retention: props.stage.logRetention,
      removalPolicy: props.stage.removalPolicy,
    })
    this.role = new Role(this, 'Role', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') })
    this.allow(['logs:CreateLogStream', 'logs:PutLogEvents'], logGroup.logGroupArn)
    this.function = new LambdaFunction(this, 'Function', {
      code: Code.fromAsset(bundleDirectory(app, handler), { exclude: ['*.map'] }),
      handler: 'index.handler',
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      role: this.role,
      logGroup,
      timeout: props.timeout,
      memorySize: props.memorySize,
      environment: {
        STAGE: props.stage.name,
        POWERTOOLS_SERVICE_NAME: handler,
        POWERTOOLS_METRICS_NAMESPACE: 'Stockroom',
        POWERTOOLS_LOG_LEVEL: 'INFO',
        ...props.environment,
      },
    })
  }

  /** Grants exactly `actions` on exactly `resources`. */
  allow(actions: readonly string[], ...resources: readonly string[]): this {
    this.role.addToPolicy(
      new PolicyStatement({ effect: Effect.ALLOW, actions: [...actions], resources: [...resources] }),
    )
    return this
  }
}

const bundleDirectory = (app: string, handler: string): string => {
  const directory = fileURLToPath(new URL(`../../apps/${app}/dist/${handler}`, import.meta.url))
  if (!existsSync(`${directory}/index.js`))
    throw new Error(`no bundle at apps/${app}/dist/${handler}: run "pnpm build" first`)
  return directory
}
