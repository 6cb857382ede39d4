import { join } from 'node:path'
import { localEnvironment } from '../arn.ts'
import { startChildGuard } from './child-guard.ts'
import { accountConcurrency } from './concurrency.ts'
import { openLogStore } from './log-store.ts'
import { startFunction } from './start-function.ts'

// A process for the test that kills it: runs the bundle it is given and prints the function's log.
const [, , bundle = '', directory = ''] = process.argv
const logs = openLogStore(join(directory, 'logs'))
logs.subscribe((entry) => {
  if (entry.source === 'stdout') process.stdout.write(`${entry.text}\n`)
})
const owned = await startFunction(
  {
    name: 'owned',
    arn: 'arn:aws:lambda:eu-west-1:000000000000:function:owned',
    codeDirectory: bundle,
    handler: 'index.handler',
    environment: {},
    timeoutSeconds: 900,
    memoryMegabytes: 256,
  },
  {
    environment: localEnvironment,
    logs,
    guard: startChildGuard(),
    concurrency: accountConcurrency(1),
    stagingDirectory: join(directory, 'staging'),
    endpoints: {},
    credentialsFor: (id) => ({ accessKeyId: 'LOCALowned', secretAccessKey: 'secret', sessionToken: id }),
  },
)
await owned.invoke({})
