import type { LogFormat } from './platform-log.ts'

/** A function as its template describes it. */
export interface FunctionConfig {
  readonly name: string
  readonly arn: string
  /** The unpacked bundle. */
  readonly codeDirectory: string
  /** `index.handler` */
  readonly handler: string
  readonly environment: Readonly<Record<string, string>>
  readonly timeoutSeconds: number
  readonly memoryMegabytes: number
  /** Without it the function shares what the account has not reserved; 0 throttles every invocation. */
  readonly reservedConcurrency?: number
  /** Text when not given, as on AWS. */
  readonly logFormat?: LogFormat
  /** LoggingConfig.ApplicationLogLevel; only with the JSON format. */
  readonly logLevel?: string
  /** `/aws/lambda/<name>` when not given. */
  readonly logGroupName?: string
}
