import { expect, it } from 'vitest'
import { childEnvironment } from './environment.ts'

it('gives a child what programs need and what is configured, and none of our secrets', () => {
  const own = { PATH: '/bin', HOME: '/root', LC_ALL: 'C', AWS_SECRET_ACCESS_KEY: 'x', SHELL: '() { evil; }' }
  expect(childEnvironment(own, { API_KEY: 'k', PATH: '/opt/bin' })).toEqual({
    PATH: '/opt/bin',
    HOME: '/root',
    LC_ALL: 'C',
    API_KEY: 'k',
  })
})
