import { PutObjectCommand, type S3Client } from '@aws-sdk/client-s3'
import type { DeadLetter } from './dead-letter.ts'
import type { Destination } from './destination.ts'
import { type Selection, selects } from './selection.ts'

/** Why and by whom letters are given up. */
export interface DropOptions {
  readonly selection: Selection
  readonly reason: string
  /** Who runs the command, for whoever asks later. */
  readonly by: string
  now(): Date
}

/** Keeps what was dropped; its objects are no parked letters. */
export interface DropArchive {
  /** MUST be safe to repeat: the same letter is the same entry. */
  keep(key: string, text: string): Promise<void>
}

/** `dropped/` in the failures bucket; the bucket's own rule ends it after 400 days. */
export const s3DropArchive = (s3: S3Client, bucket: string): DropArchive => ({
  keep: async (key, text) => {
    await s3.send(
      new PutObjectCommand({
        Bucket: bucket,
        Key: `dropped/${key}`,
        Body: text,
        ContentType: 'application/json',
      }),
    )
  },
})

/** Gives the selected letters up: each is archived whole, with reason, person and time, and only then removed. Returns those that were dropped. */
export const drop = async (
  destination: Destination,
  archive: DropArchive,
  { selection, reason, by, now }: DropOptions,
): Promise<readonly DeadLetter[]> => {
  const dropped: DeadLetter[] = []
  const held = new Set<DeadLetter>()
  try {
    for await (const batch of destination.letters()) {
      for (const letter of batch) held.add(letter)
      for (const letter of batch) {
        if (!selects(selection, letter)) continue
        const { id, body, attributes, system, sentAt, subject } = letter
        const record = {
          destination: destination.name,
          reason,
          by,
          at: now().toISOString(),
          letter: { id, body, attributes, system, sentAt: sentAt.toISOString(), subject },
        }
        await archive.keep(
          `${destination.name}/${encodeURIComponent(id)}.json`,
          JSON.stringify(record, null, 2),
        )
        await destination.remove(letter)
        held.delete(letter)
        dropped.push(letter)
      }
    }
  } finally {
    await destination.release([...held])
  }
  return dropped
}
