import { writeFileSync } from 'node:fs'
import { routeTable } from '../route-table.ts'
import { describeApi } from './describe-api.ts'

/** Run by the build after the bundler: dist/openapi.json is what infra makes API Gateway's routes from, the other copy is served. */
const text = `${JSON.stringify(describeApi(routeTable), null, 2)}\n`
for (const file of ['dist/openapi.json', 'dist/http/openapi.json']) writeFileSync(file, text)
