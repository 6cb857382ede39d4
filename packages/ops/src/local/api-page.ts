import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

const files = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'))
const types = { 'swagger-ui.css': 'text/css', 'swagger-ui-bundle.js': 'text/javascript' } as const

const isFile = (name: string): name is keyof typeof types => Object.hasOwn(types, name)

/** A file of the browsable API page, by its path below `/docs/`; undefined when there is none. Nothing is loaded from elsewhere. */
export const apiPageFile = async (
  name: string,
): Promise<{ readonly type: string; readonly body: Buffer } | undefined> => {
  if (name === '') return { type: 'text/html; charset=utf-8', body: Buffer.from(page) }
  return isFile(name) ? { type: types[name], body: await readFile(join(files, name)) } : undefined
}

/** Every request that the page sends carries a fresh token of the merchant in the box. */
const page = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Stockroom API</title>
<link rel="stylesheet" href="/docs/swagger-ui.css">
<style>body{margin:0} #as{font:14px sans-serif;padding:12px 20px;background:#f4f4f4;border-bottom:1px solid #ddd}</style>
</head>
<body>
<form id="as"><label>Call the API as merchant <input name="merchant" value="acme" pattern="[a-z0-9][a-z0-9-]+"></label></form>
<div id="ui"></div>
<script src="/docs/swagger-ui-bundle.js"></script>
<script>
const merchant = document.forms.as.elements.merchant
document.forms.as.addEventListener('submit', (event) => event.preventDefault())
const tokenOf = async () => {
  const answer = await fetch('/tokens', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ merchant: merchant.value }),
  })
  return (await answer.json()).token
}
SwaggerUIBundle({
  url: '/docs/openapi.json',
  dom_id: '#ui',
  deepLinking: true,
  requestInterceptor: async (request) => {
    if (new URL(request.url, location.href).pathname.startsWith('/api/')) request.headers.Authorization = 'Bearer ' + (await tokenOf())
    return request
  },
})
</script>
</body>
</html>
`
