import type { FileAddress } from './delivery-files.ts'

/** Lets merchants fetch what `RejectFiles` merged. */
export interface RejectLinks {
  /** A link to the one file of the upload, for anybody who has it, for `seconds`. Does not look whether the file is there. */
  link(address: FileAddress, seconds: number): Promise<string>
}
