import type { OutgoingAuth } from './outgoing.ts'

/** Sets one header, the same for everybody. */
export const headerInjection: OutgoingAuth<'header_injection'> = {
  type: 'header_injection',
  create({ headerName, headerValue }) {
    const name = headerName.toLowerCase()
    return {
      ofCaller: false,
      authorize: (headers) => ({ ...headers, [name]: headerValue }),
      advice: () =>
        `it does not accept what header_injection sends as ${headerName}; check the value, whether it has expired, and what it may do`,
    }
  },
}
