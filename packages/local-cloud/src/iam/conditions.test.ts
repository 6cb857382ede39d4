import { describe, expect, it } from 'vitest'
import { type ConditionContext, conditionsHold, parseConditions } from './conditions.ts'

const holds = (element: unknown, context: ConditionContext): boolean =>
  conditionsHold(parseConditions(element, 'test'), context)

describe('an operator', () => {
  it.each<[string, unknown, ConditionContext, boolean]>([
    ['StringEquals matches a value', { 's3:prefix': 'a' }, { 's3:prefix': 'a' }, true],
    ['StringEquals minds the case', { 's3:prefix': 'a' }, { 's3:prefix': 'A' }, false],
    ['StringEquals takes any of its values', { 's3:prefix': ['a', 'b'] }, { 's3:prefix': 'b' }, true],
    ['StringEquals needs the key', { 's3:prefix': 'a' }, {}, false],
    ['StringEqualsIfExists does not need the key', { 's3:prefix': 'a' }, {}, true],
    ['StringEqualsIfExists compares a key that is there', { 's3:prefix': 'a' }, { 's3:prefix': 'b' }, false],
    ['StringEqualsIgnoreCase does not mind the case', { 's3:prefix': 'a' }, { 's3:prefix': 'A' }, true],
    ['StringNotEquals refuses each of its values', { 's3:prefix': ['a', 'b'] }, { 's3:prefix': 'b' }, false],
    [
      'StringNotEquals refuses a request that has one of its values',
      { 'dynamodb:LeadingKeys': 'a' },
      { 'dynamodb:LeadingKeys': ['a', 'b'] },
      false,
    ],
    [
      'ArnLike wants as many parts',
      { 'aws:SourceArn': 'arn:aws:s3' },
      { 'aws:SourceArn': 'arn:aws:s3:::box' },
      false,
    ],
    ['StringNotEquals holds without the key', { 's3:prefix': 'a' }, {}, true],
    ['StringLike knows wildcards', { 's3:prefix': 'in/*/?' }, { 's3:prefix': 'in/x/y' }, true],
    ['StringLike takes dots as dots', { 's3:prefix': 'a.c' }, { 's3:prefix': 'abc' }, false],
    ['StringNotLike refuses what matches', { 's3:prefix': 'in/*' }, { 's3:prefix': 'in/x' }, false],
    ['Bool compares', { 'aws:SecureTransport': 'false' }, { 'aws:SecureTransport': 'true' }, false],
    ['Bool takes JSON booleans', { 'aws:SecureTransport': true }, { 'aws:SecureTransport': 'true' }, true],
    ['Null true wants the key absent', { 's3:prefix': 'true' }, { 's3:prefix': '' }, false],
    ['Null false wants the key present', { 's3:prefix': 'false' }, { 's3:prefix': '' }, true],
    ['NumericLessThanEquals compares numbers', { 's3:max-keys': '10' }, { 's3:max-keys': '9' }, true],
    ['NumericLessThanEquals ends at its value', { 's3:max-keys': 10 }, { 's3:max-keys': '11' }, false],
    ['NumericGreaterThan takes no text for a number', { 's3:max-keys': '1' }, { 's3:max-keys': 'x' }, false],
    [
      'ArnLike compares part by part',
      { 'aws:SourceArn': 'arn:aws:s3:::box-*' },
      { 'aws:SourceArn': 'arn:aws:s3:::box-1' },
      true,
    ],
    [
      'ArnLike does not reach over a colon',
      { 'aws:SourceArn': 'arn:aws:*:box' },
      { 'aws:SourceArn': 'arn:aws:s3:::box' },
      false,
    ],
    [
      'ForAllValues:StringEquals wants each of the request',
      { 'dynamodb:LeadingKeys': ['a', 'b'] },
      { 'dynamodb:LeadingKeys': ['a', 'c'] },
      false,
    ],
    ['ForAllValues:StringEquals holds without the key', { 'dynamodb:LeadingKeys': 'a' }, {}, true],
    [
      'ForAnyValue:StringLike wants one of the request',
      { 'dynamodb:LeadingKeys': 'a*' },
      { 'dynamodb:LeadingKeys': ['x', 'ab'] },
      true,
    ],
    ['ForAnyValue:StringLike needs the key', { 'dynamodb:LeadingKeys': '*' }, {}, false],
    [
      'ForAnyValue:StringNotEquals wants one that differs',
      { 'dynamodb:LeadingKeys': 'a' },
      { 'dynamodb:LeadingKeys': ['a', 'b'] },
      true,
    ],
    ['ForAnyValue:StringNotEquals needs the key', { 'dynamodb:LeadingKeys': 'a' }, {}, false],
    [
      'StringEquals ignores the case of a key',
      { 'KMS:encryptioncontext:Owner': 'a' },
      { 'kms:EncryptionContext:owner': 'a' },
      true,
    ],
  ])('%s', (title, byKey, context, expected) => {
    expect(holds({ [title.split(' ')[0] ?? '']: byKey }, context)).toBe(expected)
  })

  it('must hold together with all others', () => {
    const element = {
      StringEquals: { 's3:prefix': 'a', 's3:delimiter': '/' },
      Bool: { 'aws:SecureTransport': 'true' },
    }
    const context = { 's3:prefix': 'a', 's3:delimiter': '/', 'aws:SecureTransport': 'true' }
    expect(holds(element, context)).toBe(true)
    for (const missing of Object.keys(context)) {
      expect(holds(element, { ...context, [missing]: 'other' })).toBe(false)
    }
  })
})

describe('a condition that is not understood', () => {
  it.each<[string, unknown]>([
    ['an unknown operator', { StringMatches: { 's3:prefix': 'a' } }],
    ['an operator that names a member of every object', { constructor: { 's3:prefix': 'a' } }],
    ['an operator for dates', { DateLessThan: { 'aws:SourceArn': '2026-01-01' } }],
    ['an unknown quantifier', { 'ForSomeValues:StringEquals': { 's3:prefix': 'a' } }],
    ['a key that no request here has', { StringEquals: { 'aws:PrincipalOrgID': 'o-1' } }],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is IAM's syntax
    ['a policy variable', { StringEquals: { 's3:prefix': '${aws:username}' } }],
    ['a value that is no text', { StringEquals: { 's3:prefix': { Ref: 'Bucket' } } }],
    ['an element that is a list', [{ StringEquals: { 's3:prefix': 'a' } }]],
  ])('is an error: %s', (_title, element) => {
    expect(() => parseConditions(element, 'Policy.Statement[0].Condition')).toThrow(
      /^Policy\.Statement\[0]\.Condition/,
    )
  })
})
