import { readFileSync } from 'node:fs'
import { Template } from 'aws-cdk-lib/assertions'
import { describe, expect, it } from 'vitest'

/** The template that deploys, as `pnpm synth` wrote it. */
const template = Template.fromJSON(
  JSON.parse(
    readFileSync(new URL('../cdk.out/Stockroom-dev-Stateless.template.json', import.meta.url), 'utf8'),
  ),
)
interface Statement {
  readonly Action: string | readonly string[]
  readonly Resource: unknown
}
const sources = Object.entries(template.findResources('AWS::Lambda::EventSourceMapping')).map(
  ([id, { Properties }]) => ({ id, name: /^Functions(\w+?)Source/.exec(id)?.[1] ?? id, Properties }),
)
const statementsOf = (name: string): readonly Statement[] =>
  Object.entries(template.findResources('AWS::IAM::Policy'))
    .filter(([id]) => id.startsWith(`Functions${name}Role`))
    .flatMap(([, { Properties }]) => Properties.PolicyDocument.Statement)
/** The queue or table that an ARN, exported by the stateful stack, belongs to: `QueuesUploadsD1BE9270`. */
const partOf = (arn: unknown) => /FnGetAtt(\w+?)(?:Stream)?Arn/.exec(JSON.stringify(arn))?.[1] ?? ''
/** What a function may do to what it is fed from. */
const rightsOnSource = ({ name, Properties }: (typeof sources)[number]) => {
  const source = partOf(Properties.EventSourceArn)
  return statementsOf(name)
    .filter(({ Resource }) => JSON.stringify(Resource).includes(source))
    .flatMap(({ Action }) => Action)
    .toSorted()
}

describe('a function', () => {
  it.each(sources.filter(({ name }) => name !== 'RelayOutbox').map((source) => [source.name, source]))(
    '%s cannot feed itself',
    (_, source) => {
      const taking = ['sqs:DeleteMessage', 'sqs:GetQueueAttributes', 'sqs:ReceiveMessage']
      const holding = source.name === 'DeliverWebhook' ? ['sqs:ChangeMessageVisibility'] : []
      expect(rightsOnSource(source)).toEqual([...holding, ...taking].toSorted())
    },
  )

  it('RelayOutbox marks the envelopes that its stream told it of, and is told of new ones only', () => {
    const relay = sources.find(({ name }) => name === 'RelayOutbox')
    if (relay === undefined) throw new Error('no mapping of RelayOutbox')
    const writes = rightsOnSource(relay).filter((action) => !/:(Describe|Get|List)/.test(action))
    expect(writes).toEqual(['dynamodb:UpdateItem'])
    expect(
      relay.Properties.FilterCriteria.Filters.map(({ Pattern }: { Pattern: string }) => JSON.parse(Pattern)),
    ).toEqual([{ eventName: ['INSERT'] }])
  })
})

describe('webhooks', () => {
  it('leave for public addresses only, unless somebody says so when deploying', () => {
    expect(template.findParameters('WebhookAllowedNetworks').WebhookAllowedNetworks?.Default).toBe('')
    const functions = Object.entries(template.findResources('AWS::Lambda::Function'))
      .filter(([id]) => /^Functions(Http|DeliverWebhook)/.test(id))
      .map(([, { Properties }]) => Properties.Environment.Variables.WEBHOOK_ALLOWED_NETWORKS)
    expect(functions).toEqual([{ Ref: 'WebhookAllowedNetworks' }, { Ref: 'WebhookAllowedNetworks' }])
  })

  it('leave from a function outside of every network of ours', () => {
    for (const [id, { Properties }] of Object.entries(template.findResources('AWS::Lambda::Function')))
      expect(Properties, id).not.toHaveProperty('VpcConfig')
  })
})
