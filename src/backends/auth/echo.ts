/** Of a longer secret a part is a secret too; of a shorter one the whole. Words that are shorter still are in many texts. */
const PIECES = /.{24}|.{8,}$/g

/** Whether a text of others says back one of these, or a part of one. */
export function isSaidIn(text: string | Buffer, secrets: readonly string[]): boolean {
  return piecesOf(secrets).some((piece) => text.includes(piece))
}

/** The text with what it says back left out. */
export function withoutSaid(text: string, secrets: readonly string[]): string {
  return piecesOf(secrets).reduce((rest, piece) => rest.replaceAll(piece, '…'), text)
}

/** What may be secret in headers: their words, since the first may be the name of a scheme. */
export function secretsIn(headers: Readonly<Record<string, string>>): string[] {
  return Object.values(headers).flatMap((value) => value.split(' '))
}

function piecesOf(secrets: readonly string[]): string[] {
  return secrets.flatMap((secret) => secret.match(PIECES) ?? [])
}
