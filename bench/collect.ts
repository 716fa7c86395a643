// Preloaded into a gateway run with --expose-gc: collects on SIGUSR2, so that memory held can be told from garbage.
process.on('SIGUSR2', () => {
  const collect = (globalThis as { gc?: () => void }).gc
  collect?.()
  setImmediate(() => collect?.())
})
