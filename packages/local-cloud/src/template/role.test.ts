import { expect, it } from 'vitest'
import { document, readResources, trust } from './read-resources.ts'

it('gathers every policy of a role: its own, attached ones and managed ones', () => {
  const { roles } = readResources({
    Role: {
      Type: 'AWS::IAM::Role',
      Properties: {
        RoleName: 'role',
        AssumeRolePolicyDocument: trust,
        Policies: [{ PolicyName: 'own', PolicyDocument: document('s3:GetObject') }],
        ManagedPolicyArns: [
          { Ref: 'Managed' },
          'arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole',
        ],
      },
    },
    Managed: { Type: 'AWS::IAM::ManagedPolicy', Properties: { PolicyDocument: document('s3:GetObject') } },
    Attached: {
      Type: 'AWS::IAM::Policy',
      Properties: {
        PolicyName: 'attached',
        PolicyDocument: document('s3:GetObject'),
        Roles: [{ Ref: 'Role' }],
      },
    },
    Other: {
      Type: 'AWS::IAM::Policy',
      Properties: { PolicyName: 'other', PolicyDocument: document('s3:GetObject'), Roles: ['somebody'] },
    },
  })

  expect(roles[0]?.policies.map(({ name }) => name)).toEqual(['Role/own', 'Managed', 'Attached'])
})
