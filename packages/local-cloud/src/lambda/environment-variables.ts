import type { Environment } from '../arn.ts'
import type { FunctionConfig } from './function-config.ts'

/** What a function signs its calls with. */
export interface Credentials {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken: string
}

export interface EnvironmentVariableSources {
  readonly config: FunctionConfig
  readonly environment: Environment
  readonly credentials: Credentials
  /** `AWS_ENDPOINT_URL_DYNAMODB` and the like. */
  readonly endpoints: Readonly<Record<string, string>>
  readonly taskRoot: string
  readonly logStreamName: string
}

/** The whole environment of a function's process: Lambda's own variables and the template's, nothing of the host but PATH. */
export const environmentVariables = (sources: EnvironmentVariableSources): Record<string, string> => {
  const { config, environment, credentials } = sources
  return {
    PATH: process.env.PATH ?? '',
    LANG: 'en_US.UTF-8',
    TZ: ':UTC',
    ...sources.endpoints,
    ...config.environment,
    _HANDLER: config.handler,
    LAMBDA_TASK_ROOT: sources.taskRoot,
    AWS_REGION: environment.region,
    AWS_DEFAULT_REGION: environment.region,
    AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
    AWS_LAMBDA_FUNCTION_NAME: config.name,
    AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(config.memoryMegabytes),
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    AWS_LAMBDA_LOG_GROUP_NAME: config.logGroupName ?? `/aws/lambda/${config.name}`,
    AWS_LAMBDA_LOG_STREAM_NAME: sources.logStreamName,
    AWS_LAMBDA_LOG_FORMAT: config.logFormat ?? 'Text',
    ...(config.logLevel && { AWS_LAMBDA_LOG_LEVEL: config.logLevel }),
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    AWS_SESSION_TOKEN: credentials.sessionToken,
  }
}

/** Throws when the template sets a variable that Lambda reserves, as a deployment would. */
export const refuseReservedVariables = (config: FunctionConfig): void => {
  const reserved =
    /^(_HANDLER|_X_AMZN_TRACE_ID|AWS_(DEFAULT_)?REGION|AWS_EXECUTION_ENV|AWS_LAMBDA_.*|LAMBDA_TASK_ROOT|LAMBDA_RUNTIME_DIR|AWS_(ACCESS_KEY.*|SECRET.*|SESSION_TOKEN))$/
  const name = Object.keys(config.environment).find((name) => reserved.test(name))
  if (name) throw new Error(`function ${config.name} sets ${name}, a variable that Lambda reserves`)
}
