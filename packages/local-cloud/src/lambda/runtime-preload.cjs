// Loaded with --require ahead of aws-lambda-ric: stands in for its native HTTP client, which needs a C++ compiler.
// CommonJS, because an ESM import of node:http evaluates all of undici: 30 ms of every cold start.
const http = require('node:http')
const Module = require('node:module')

const [hostname, port] = (process.env.AWS_LAMBDA_RUNTIME_API ?? '').split(':')
const agent = new http.Agent({ keepAlive: true, maxSockets: 1 })
const write = {
  stdout: process.stdout.write.bind(process.stdout),
  stderr: process.stderr.write.bind(process.stderr),
}

/**
 * @param {'GET' | 'POST'} method
 * @param {string} path
 * @param {string} body
 * @param {Record<string, string>} headers
 * @returns {Promise<{ headers: import('node:http').IncomingHttpHeaders, bodyJson: string }>}
 */
const exchange = (method, path, body, headers) =>
  new Promise((resolve, reject) => {
    const request = http.request({
      agent,
      hostname,
      port,
      method,
      path: `/2018-06-01/runtime/invocation/${path}`,
      headers: { ...headers, 'content-length': Buffer.byteLength(body) },
    })
    request.on('error', reject)
    request.on('response', (response) => {
      /** @type {Buffer[]} */
      const chunks = []
      response.on('data', (chunk) => chunks.push(chunk))
      response.on('error', reject)
      response.on('end', () =>
        resolve({ headers: response.headers, bodyJson: Buffer.concat(chunks).toString() }),
      )
    })
    request.end(body)
  })

/** The runtime posts its answer without waiting; asking for the next event waits for it. */
let posted = Promise.resolve()

/** @type {(path: string, body: string, headers: Record<string, string>) => void} */
const post = (path, body, headers) => {
  posted = exchange('POST', path, body, { 'content-type': 'application/json', ...headers }).then(() => {})
}

const rapidClient = {
  next: async () => {
    await posted
    // A line of NUL marks, in each stream, where the log of what was done so far ends.
    write.stdout('\0\n')
    write.stderr('\0\n')
    return exchange('GET', 'next', '', { 'local-cloud-rss-bytes': String(process.memoryUsage.rss()) })
  },
  /** @type {(id: string, body: string) => void} */
  done: (id, body) => post(`${id}/response`, body, {}),
  /** @type {(id: string, body: string, xray: string) => void} */
  error: (id, body, xray) =>
    post(`${id}/error`, body, { 'lambda-runtime-function-xray-error-cause': encodeURIComponent(xray) }),
}

/** @type {{ _load(request: string, parent: unknown, isMain: boolean): unknown }} */
const loader = /** @type {never} */ (Module)
const load = loader._load
loader._load = (request, parent, isMain) =>
  request.endsWith('rapid-client.node') ? rapidClient : load(request, parent, isMain)
