import type { MerchantId } from '../merchant-id.ts'
import type { SubjectCursors } from './subject-cursors.ts'

/** Cursors kept for as long as the process lives. */
export class InMemorySubjectCursors implements SubjectCursors {
  readonly #cursors = new Map<string, number>()

  async last(merchant: MerchantId, subject: string): Promise<number> {
    return this.#cursors.get(`${merchant}#${subject}`) ?? 0
  }

  async advance(merchant: MerchantId, subject: string, sequence: number): Promise<'advanced' | 'moved'> {
    const key = `${merchant}#${subject}`
    // No await between look and write: nobody comes between.
    if ((this.#cursors.get(key) ?? 0) !== sequence - 1) return 'moved'
    this.#cursors.set(key, sequence)
    return 'advanced'
  }
}
