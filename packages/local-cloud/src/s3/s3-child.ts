import { localEnvironment } from '../arn.ts'
import { bucketNamed, testDoor } from './s3-test-door.ts'
import { startS3 } from './start-s3.ts'

// The server of the memory test, alone in its process: says its endpoint, then its peak of resident memory whenever asked.
const [dataDirectory = ''] = process.argv.slice(2)
const server = await startS3({
  dataDirectory,
  environment: localEnvironment,
  door: testDoor(),
  onObjectEvent: () => {},
})
server.createBucket(bucketNamed('files'))
process.on('message', () => process.send?.(process.resourceUsage().maxRSS))
process.on('disconnect', () => void server.close())
process.send?.(server.endpoint)
