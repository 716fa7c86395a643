/** What is done with things, in classes: a request for one is seldom met by a tool of another. At most 30. */
export const ACTIONS: readonly string[] = [
  'get fetch retrieve read obtain load show view display see list enumerate browse download find search query lookup locate explore check access open describe inspect pull receive',
  'create make generate build produce add insert new append draw plot write save store put compose construct insert render',
  'update edit modify change set alter adjust write save replace format apply patch put',
  'delete remove drop erase clear unlink purge unprotect discard',
  'move rename copy duplicate clone',
  'convert transform translate export parse extract',
  'compute calculate analyze analyse evaluate compare summarize predict estimate',
  'merge combine join split divide',
  'validate verify check test',
  'run execute start launch invoke call trigger stop kill end terminate cancel close',
  'send post publish submit notify',
  'protect encrypt lock secure',
  'add insert append attach',
  'click press fill type select hover navigate visit go open scroll drag',
]
