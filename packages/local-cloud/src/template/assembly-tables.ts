import { type Environment, localEnvironment } from '../arn.ts'
import { loadAssembly } from './load-assembly.ts'
import { resolveAssembly } from './resolve-assembly.ts'
import { parseTable, type TableResource } from './table.ts'

/** The tables of a synthesised assembly, without asking for parameters or addresses that they do not need. */
export const assemblyTables = (
  directory: string,
  environment: Environment = localEnvironment,
): readonly TableResource[] =>
  resolveAssembly(loadAssembly(directory), {
    environment,
    addresses: { sqs: 'http://127.0.0.1', httpApi: () => 'http://127.0.0.1' },
  })
    .resources('AWS::DynamoDB::Table', 'AWS::DynamoDB::GlobalTable')
    .map(parseTable)
