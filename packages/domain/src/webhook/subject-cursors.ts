import type { MerchantId } from '../merchant-id.ts'

/** Remembers how far the events of each subject have been fanned out. */
export interface SubjectCursors {
  /** The last sequence, 0 when none. MUST read consistently. */
  last(merchant: MerchantId, subject: string): Promise<number>
  /** Moves to `sequence` if the cursor stands one before it, and keeps it until `keepUntil`. `moved` when another consumer did it first. */
  advance(
    merchant: MerchantId,
    subject: string,
    sequence: number,
    keepUntil: Date,
  ): Promise<'advanced' | 'moved'>
}
