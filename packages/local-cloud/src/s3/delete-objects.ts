import { deleteAction, deleteOne } from './delete-object.ts'
import { receiveText } from './receive-body.ts'
import { assertKey } from './request-target.ts'
import type { S3Operation } from './s3-call.ts'
import { S3Error } from './s3-error.ts'
import { parseItems, type XmlElement, xmlDocument } from './xml.ts'

const maxKeys = 1000
const maxDocumentBytes = 4 * 1024 * 1024

interface ObjectToDelete {
  readonly key: string
  readonly versionId: string | undefined
}

const objectsToDelete = (
  text: string,
): { readonly objects: readonly ObjectToDelete[]; readonly quiet: boolean } => {
  const { root, items } = parseItems(text, 'Delete', 'Object')
  if (items.length === 0 || items.length > maxKeys) throw new S3Error('MalformedXML')
  const objects = items.map(({ Key: key, VersionId: versionId, ...others }) => {
    const unknown = Object.keys(others).at(0)
    if (unknown !== undefined) {
      throw new S3Error('NotImplemented', `The condition ${unknown} of DeleteObjects is not implemented.`)
    }
    if (typeof key !== 'string' || key === '') throw new S3Error('MalformedXML')
    if (versionId !== undefined && typeof versionId !== 'string') throw new S3Error('MalformedXML')
    assertKey(key)
    return { key, versionId }
  })
  return { objects, quiet: root.Quiet === 'true' }
}

export const deleteObjects: S3Operation = {
  name: 'DeleteObjects',
  parameters: ['delete'],
  // Each key is decided on its own, once the document has been read: one that is refused does not stop the others.
  actions: () => [],
  perform: async (service, call) => {
    const body = call.openBody()
    if (body.md5 === undefined && body.checksum === undefined) {
      throw new S3Error('InvalidRequest', 'Missing required header for this request: Content-MD5')
    }
    const { objects, quiet } = objectsToDelete(await receiveText(body, maxDocumentBytes))
    const results: XmlElement[] = []
    for (const { key, versionId } of objects) {
      const named: readonly XmlElement[] = [
        ['Key', key],
        ['VersionId', versionId],
      ]
      if (!call.permits(deleteAction(service.environment, call.bucket.name, key, versionId))) {
        const { code, message } = new S3Error('AccessDenied')
        results.push(['Error', [...named, ['Code', code], ['Message', message]]])
        continue
      }
      const deletion = await deleteOne(service, call, key, versionId)
      if (quiet) continue
      const marker: readonly XmlElement[] = deletion.marker
        ? [
            ['DeleteMarker', true],
            ['DeleteMarkerVersionId', deletion.versionId],
          ]
        : []
      results.push(['Deleted', [...named, ...marker]])
    }
    return { status: 200, body: xmlDocument(['DeleteResult', results]) }
  },
}
