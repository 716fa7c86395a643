/** A value of one of the extension types of Cedar. */
export abstract class Extension {
  abstract isSame(other: Extension): boolean
}
