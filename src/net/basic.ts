/** Client credentials for a header (RFC 6749 §2.3.1): id and secret are form-encoded before they are put together. */
export function basicOf(id: string, secret: string): string {
  return `Basic ${Buffer.from(`${formEncoded(id)}:${formEncoded(secret)}`).toString('base64')}`
}

function formEncoded(text: string): string {
  return new URLSearchParams([['', text]]).toString().slice(1)
}
