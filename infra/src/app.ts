import { App } from 'aws-cdk-lib'
import { stageOf } from './stage.ts'
import { StatefulStack } from './stateful-stack.ts'
import { StatelessStack } from './stateless-stack.ts'

/**
 * Synthesises both stacks of one stage: `STAGE=alice node src/app.ts`, or `cdk deploy --all` with `-c stage=alice`. Needs built apps and no network;
 * account and region come with the deployment.
 */
// The CDK command line passes CDK_OUTDIR; on its own the assembly goes where the local cloud looks for it.
const app = new App({
  outdir: process.env.CDK_OUTDIR ?? 'cdk.out',
  analyticsReporting: false,
  context: {
    // One statement per set of resources, so that a policy reads like the code that wrote it.
    '@aws-cdk/aws-iam:minimizePolicies': true,
    '@aws-cdk/core:enablePartitionLiterals': true,
  },
})
const stage = stageOf(String(app.node.tryGetContext('stage') ?? process.env.STAGE ?? 'dev'))
const data = new StatefulStack(app, stage)
new StatelessStack(app, stage, data)
app.synth()
