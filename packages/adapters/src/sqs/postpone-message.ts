import { ChangeMessageVisibilityCommand, type SQSClient } from '@aws-sdk/client-sqs'

/**
 * Hides a received message for `seconds` from now, at most 12 hours after it was received. The function must then report it as failed: an
 * event source mapping deletes what succeeded and leaves what failed as it is, with the visibility that it has.
 */
export const makePostponeMessage =
  (client: SQSClient, queueUrl: string) =>
  async (receiptHandle: string, seconds: number): Promise<void> => {
    await client.send(
      new ChangeMessageVisibilityCommand({
        QueueUrl: queueUrl,
        ReceiptHandle: receiptHandle,
        VisibilityTimeout: seconds,
      }),
    )
  }
