const MOST_DECODINGS = 3
/** Of different hosts. */
const MOST_HOSTS = 32
/** What reads as a URL wherever it stands; browsers and servers are generous with slashes. */
const ABSOLUTE = /(?:(?:https?|wss?|ftp):[/\\]*|:[/\\]{2,})([^/\\?#&\s"'<>]*)/gi
/** What is relative to a scheme only, where a path or the value of a query begins. */
const RELATIVE = /(?:^|[=&;?#])[/\\]{2,}([^/\\?#&\s"'<>]+)/g

/**
 * The hosts of further URLs in the path, query and fragment of one: servers that redirect to what they are given lead
 * whoever follows there. In lower case, and empty for those that cannot be told, or are too many to be judged.
 */
export function carriedHosts({ pathname, search, hash }: URL): readonly string[] {
  const hosts = new Set<string>()
  for (const part of [pathname, search, hash]) {
    let text = part
    for (let i = 0; i <= MOST_DECODINGS; i++) {
      for (const [, authority = ''] of [...text.matchAll(ABSOLUTE), ...text.matchAll(RELATIVE)])
        if (authority !== '' && hosts.size <= MOST_HOSTS) hosts.add(hostOf(authority))
      const plain = decoded(text)
      if (plain === text) break
      text = plain
    }
  }
  return hosts.size > MOST_HOSTS ? [...hosts, ''] : [...hosts]
}

function hostOf(authority: string): string {
  const text = `http://${authority}`
  return URL.canParse(text) ? new URL(text).hostname : ''
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
