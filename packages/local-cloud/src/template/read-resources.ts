import { localEnvironment } from '../arn.ts'
import { type CloudTemplate, readCloudTemplate } from './cloud-template.ts'
import { inMemoryAssembly } from './in-memory-assembly.ts'
import type { TemplateResource } from './load-assembly.ts'
import { resolveAssembly } from './resolve-assembly.ts'

/** For tests: reads the resources of a stack `App` whose only asset has the key `abc.zip`. */
export const readResources = (Resources: Record<string, TemplateResource>): CloudTemplate =>
  readCloudTemplate(
    resolveAssembly(inMemoryAssembly({ App: { Resources } }, { 'abc.zip': '/assembly/asset.abc' }), {
      environment: localEnvironment,
      addresses: { sqs: 'http://127.0.0.1:9324', httpApi: () => 'http://127.0.0.1:8080' },
    }),
    localEnvironment,
  )

/** `Fn::GetAtt` of the Arn. */
export const arn = (logicalId: string) => ({ 'Fn::GetAtt': [logicalId, 'Arn'] })

/** A policy document with one statement. */
export const document = (action: string, principal: object = {}) => ({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: action, Resource: '*', ...principal }],
})

/** A role that Lambda may assume. */
export const trust = {
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: 'lambda.amazonaws.com' } }],
}

export const tags = [{ Key: 'stage', Value: 'dev' }]
