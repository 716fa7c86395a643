import assert from 'node:assert'
import { greet } from './greet.js'

assert.equal(greet('you'), 'Hello, you!')
