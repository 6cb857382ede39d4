/**
 * The condition keys that a request here may have a value for. A policy with any other key is refused: the key would be
 * missing from every request, so its Deny would never deny.
 */
const knownKeys = [
  'aws:PrincipalAccount',
  'aws:PrincipalArn',
  'aws:RequestedRegion',
  'aws:ResourceAccount',
  'aws:SecureTransport',
  'aws:SourceAccount',
  'aws:SourceArn',
  'dynamodb:EnclosingOperation',
  'dynamodb:LeadingKeys',
  's3:delimiter',
  's3:max-keys',
  's3:prefix',
].map((key) => key.toLowerCase())

const knownPrefixes = ['kms:encryptioncontext:']

/** Whether conditions may ask for the key, in any case. */
export const isKnownConditionKey = (key: string): boolean => {
  const lower = key.toLowerCase()
  return knownKeys.includes(lower) || knownPrefixes.some((prefix) => lower.startsWith(prefix))
}
