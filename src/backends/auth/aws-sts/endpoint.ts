/** Of the partitions whose names end otherwise than in amazonaws.com, by the beginnings of their regions. */
const SUFFIXES: readonly (readonly [start: string, suffix: string])[] = [
  ['cn-', 'amazonaws.com.cn'],
  ['us-iso-', 'c2s.ic.gov'],
  ['us-isob-', 'sc2s.sgov.gov'],
  ['us-isof-', 'csp.hci.ic.gov'],
  ['eu-isoe-', 'cloud.adc-e.uk'],
  ['eusc-', 'amazonaws.eu'],
]

/** The region's own security token service. */
export function stsEndpoint(region: string): string {
  const [, suffix = 'amazonaws.com'] = SUFFIXES.find(([start]) => region.startsWith(start)) ?? []
  return `https://sts.${region}.${suffix}/`
}
