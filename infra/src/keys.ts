import { Key, KeySpec, KeyUsage } from 'aws-cdk-lib/aws-kms'
import { Construct } from 'constructs'
import type { Stage } from './stage.ts'

/** Secrets that exist only inside KMS: none is in the template, the environment or a parameter. */
export class Keys extends Construct {
  /** Signs list cursors. */
  readonly cursors: Key
  /** Encrypts webhook secrets: the API may only encrypt, the sender only decrypt. */
  readonly webhookSecrets: Key

  constructor(scope: Construct, stage: Stage) {
    super(scope, 'Keys')
    this.cursors = new Key(this, 'Cursors', {
      description: 'Signs list cursors',
      keySpec: KeySpec.HMAC_256,
      keyUsage: KeyUsage.GENERATE_VERIFY_MAC,
      removalPolicy: stage.removalPolicy,
    })
    this.webhookSecrets = new Key(this, 'WebhookSecrets', {
      description: 'Encrypts webhook secrets',
      enableKeyRotation: true,
      removalPolicy: stage.removalPolicy,
    })
  }
}
