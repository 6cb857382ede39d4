import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto'

/** An X.509 certificate and its key as TLS servers take them. */
export interface Certificate {
  readonly cert: string
  readonly key: string
  readonly name: string
  readonly privateKey: KeyObject
}

const element = (tag: number, ...contents: readonly Uint8Array[]): Buffer => {
  const content = Buffer.concat(contents)
  const { length } = content
  const size = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff]
  return Buffer.concat([Buffer.from([tag, ...size]), content])
}
const sequence = (...members: readonly Uint8Array[]) => element(0x30, ...members)
const integer = (value: number) => element(0x02, Buffer.from([value]))
const oid = (hex: string) => element(0x06, Buffer.from(hex, 'hex'))
const yes = element(0x01, Buffer.from([0xff]))
/** As `YYMMDDHHMMSSZ`, which holds until 2050 (RFC 5280, 4.1.2.5.1). */
const utcTime = (at: Date) =>
  element(0x17, Buffer.from(`${at.toISOString().slice(2, 19).replaceAll(/[-:T]/g, '')}Z`))
const commonName = (name: string) =>
  sequence(element(0x31, sequence(oid('550403'), element(0x0c, Buffer.from(name)))))
const extension = (id: string, value: Uint8Array) => sequence(oid(id), yes, element(0x04, value))

const ecdsaWithSha256 = sequence(oid('2a8648ce3d040302'))
const aYear = 365 * 86_400_000

/**
 * A certificate for `name` made on the spot (RFC 5280), so that no private key lies in the repository: signed by `issuer`, or by itself
 * and then one that may sign others. For tests only.
 */
export const aCertificate = (
  name: string,
  { issuer, notAfter = new Date(Date.now() + aYear) }: { issuer?: Certificate; notAfter?: Date } = {},
): Certificate => {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const basicConstraints = extension('551d13', issuer === undefined ? sequence(yes) : sequence())
  const dnsName = extension('551d11', sequence(element(0x82, Buffer.from(name))))
  const contents = sequence(
    element(0xa0, integer(2)),
    integer(1),
    ecdsaWithSha256,
    commonName(issuer?.name ?? name),
    sequence(utcTime(new Date(notAfter.getTime() - 2 * aYear)), utcTime(notAfter)),
    commonName(name),
    publicKey.export({ type: 'spki', format: 'der' }),
    element(0xa3, sequence(basicConstraints, dnsName)),
  )
  const signature = sign('sha256', contents, issuer?.privateKey ?? privateKey)
  const certificate = sequence(contents, ecdsaWithSha256, element(0x03, Buffer.from([0]), signature))
  return {
    cert: `-----BEGIN CERTIFICATE-----\n${certificate.toString('base64')}\n-----END CERTIFICATE-----\n`,
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    name,
    privateKey,
  }
}
