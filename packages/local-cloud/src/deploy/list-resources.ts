import { arnOf, type Environment } from '../arn.ts'
import type { LocalResources } from '../local-cloud.ts'
import type { CloudTemplate } from '../template/cloud-template.ts'
import { queueUrl } from './service-credentials.ts'

/** What a template made, with the addresses of this run. */
export const listResources = (
  template: CloudTemplate,
  environment: Environment,
  sqsEndpoint: string,
  httpApiOrigin: (apiId: string) => string,
): LocalResources => ({
  tables: template.tables.map(({ logicalId, tableName, streamViewType }) => ({
    logicalId,
    name: tableName,
    hasStream: streamViewType !== undefined,
  })),
  queues: template.queues.map(({ logicalId, queueName, fifo, redrive }) => {
    const arn = arnOf(environment, 'sqs', queueName)
    return {
      logicalId,
      name: queueName,
      url: queueUrl(sqsEndpoint, environment, arn),
      arn,
      fifo,
      ...(redrive && {
        deadLetterQueue: redrive.deadLetterTargetArn.split(':').at(-1) ?? '',
        maxReceiveCount: redrive.maxReceiveCount,
      }),
    }
  }),
  buckets: template.buckets.map(({ logicalId, bucket }) => ({ logicalId, name: bucket.name })),
  functions: template.functions.map(({ logicalId, name }) => ({ logicalId, name })),
  schedules: template.schedules.map(({ logicalId, name, expression }) => ({ logicalId, name, expression })),
  httpApis: template.httpApis.map(({ logicalId, apiId, stage }) => ({
    logicalId,
    apiId,
    url: httpApiOrigin(apiId) + (stage === '$default' ? '' : `/${stage}`),
  })),
})
