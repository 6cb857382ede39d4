import { deliveryFilesContract } from './delivery-files-contract.ts'
import { InMemoryDeliveryFiles } from './in-memory-delivery-files.ts'

const files = new InMemoryDeliveryFiles()

deliveryFilesContract('InMemoryDeliveryFiles', () => ({
  files,
  put: async (address, bytes) => files.put(address, bytes),
  purge: async (address) => files.delete(address),
}))
