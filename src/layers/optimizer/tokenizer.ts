import { GatewayError } from '../../core/errors.ts'
import type { TokenizerName } from '../../core/optimizer.ts'
import type { CountTokens } from './tokens.ts'

/** The package that counts as models do. It is not installed with ours. */
const PACKAGE = 'gpt-tokenizer'

interface Encoding {
  countTokens(text: string): number
}

/** @throws GatewayError `config` where the package is not installed */
export async function tokenizer(name: TokenizerName): Promise<CountTokens> {
  try {
    const { countTokens } = (await import(`${PACKAGE}/encoding/${name}`)) as Encoding
    return countTokens
  } catch (error) {
    throw new GatewayError(
      'config',
      `optimizer.tokenizer needs the package ${PACKAGE}, which is not installed: npm install ${PACKAGE}`,
      { cause: error },
    )
  }
}
