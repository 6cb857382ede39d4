import { createServer } from 'node:net'

/** A loopback TCP port that was free a moment ago. Only for servers that cannot pick one and tell which it was. */
export const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => {
        if (address === null || typeof address === 'string')
          reject(new Error('No TCP port is free on 127.0.0.1'))
        else resolve(address.port)
      })
    })
  })
