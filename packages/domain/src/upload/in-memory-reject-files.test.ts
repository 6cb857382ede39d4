import { InMemoryRejectFiles } from './in-memory-reject-files.ts'
import { rejectFilesContract } from './reject-files-contract.ts'

const rejectFiles = new InMemoryRejectFiles()

rejectFilesContract('InMemoryRejectFiles', () => ({
  rejectFiles,
  merged: async (address) => rejectFiles.merged(address),
}))
