import { bucketNotEmulated } from './bucket.ts'
import { eventSourceMappingNotEmulated } from './event-source-mapping.ts'
import { functionNotEmulated } from './function.ts'
import { httpApiNotEmulated, integrationNotEmulated, stageNotEmulated } from './http-api.ts'
import { keyNotEmulated } from './key.ts'
import { logGroupNotEmulated } from './log-group.ts'
import { queueNotEmulated } from './queue.ts'
import { policyNotEmulated, roleNotEmulated } from './role.ts'
import { scheduleGroupNotEmulated, scheduleNotEmulated } from './schedule.ts'
import { tableNotEmulated } from './table.ts'

/** What becomes of a resource type. */
export type Coverage =
  /** Emulated, but for the named properties, which are accepted without effect. */
  | { readonly emulated: string; readonly withoutEffect: Readonly<Record<string, string>> }
  /** Accepted as a whole without effect. */
  | { readonly ignored: string }

/** Every resource type that a template may hold; any other stops the start. The README's table is made from this one. */
export const coverage: Readonly<Record<string, Coverage>> = {
  'AWS::DynamoDB::Table': { emulated: 'dynoxide', withoutEffect: tableNotEmulated },
  'AWS::DynamoDB::GlobalTable': { emulated: 'dynoxide, one replica', withoutEffect: tableNotEmulated },
  'AWS::SQS::Queue': { emulated: 'fauxqs, in memory', withoutEffect: queueNotEmulated },
  'AWS::SQS::QueuePolicy': { emulated: 'evaluated', withoutEffect: {} },
  'AWS::S3::Bucket': { emulated: 'own server, with notifications', withoutEffect: bucketNotEmulated },
  'AWS::S3::BucketPolicy': { emulated: 'evaluated', withoutEffect: {} },
  'Custom::S3BucketNotifications': {
    emulated: 'its configuration; the function behind it is not run',
    withoutEffect: {},
  },
  'Custom::S3AutoDeleteObjects': { ignored: 'nothing is deleted' },
  'AWS::KMS::Key': { emulated: 'own server; SYMMETRIC_DEFAULT and HMAC_256', withoutEffect: keyNotEmulated },
  'AWS::KMS::Alias': { emulated: 'own server', withoutEffect: {} },
  'AWS::Lambda::Function': {
    emulated: 'a process per execution environment',
    withoutEffect: functionNotEmulated,
  },
  'AWS::Lambda::Permission': { emulated: 'evaluated when the HTTP API is deployed', withoutEffect: {} },
  'AWS::Lambda::EventSourceMapping': {
    emulated: 'queues and DynamoDB streams',
    withoutEffect: eventSourceMappingNotEmulated,
  },
  'AWS::Lambda::EventInvokeConfig': {
    emulated: 'retries and age; queues as destinations',
    withoutEffect: {},
  },
  'AWS::IAM::Role': { emulated: 'evaluated for every call', withoutEffect: roleNotEmulated },
  'AWS::IAM::Policy': { emulated: 'evaluated for every call', withoutEffect: policyNotEmulated },
  'AWS::IAM::ManagedPolicy': { emulated: 'evaluated for every call', withoutEffect: policyNotEmulated },
  'AWS::Logs::LogGroup': { emulated: 'one file a function', withoutEffect: logGroupNotEmulated },
  'AWS::Scheduler::ScheduleGroup': { emulated: 'as a name', withoutEffect: scheduleGroupNotEmulated },
  'AWS::Scheduler::Schedule': { emulated: 'own clock', withoutEffect: scheduleNotEmulated },
  'AWS::ApiGatewayV2::Api': { emulated: 'HTTP API', withoutEffect: httpApiNotEmulated },
  'AWS::ApiGatewayV2::Stage': { emulated: 'one for each API', withoutEffect: stageNotEmulated },
  'AWS::ApiGatewayV2::Route': {
    emulated: 'without a token or with a JWT',
    withoutEffect: {},
  },
  'AWS::ApiGatewayV2::Integration': {
    emulated: 'functions, payload 2.0',
    withoutEffect: integrationNotEmulated,
  },
  'AWS::ApiGatewayV2::Authorizer': { emulated: 'JWT', withoutEffect: {} },
  'AWS::CloudWatch::Alarm': { ignored: 'no metrics are kept' },
  'AWS::CloudWatch::CompositeAlarm': { ignored: 'no metrics are kept' },
  'AWS::CloudWatch::Dashboard': { ignored: 'no metrics are kept' },
  'AWS::Logs::MetricFilter': { ignored: 'no metrics are kept' },
  'AWS::CDK::Metadata': { ignored: 'usage statistics of CDK' },
}
