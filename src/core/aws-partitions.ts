/** A part of AWS that has nothing in common with the others. */
interface Partition {
  /** In the names of everything. */
  readonly name: string
  /** How its regions begin. */
  readonly regions: string
  readonly domain: string
}

/** Those beside the one that is open to the public everywhere. */
const PARTITIONS: readonly Partition[] = [
  { name: 'aws-cn', regions: 'cn-', domain: 'amazonaws.com.cn' },
  { name: 'aws-us-gov', regions: 'us-gov-', domain: 'amazonaws.com' },
  { name: 'aws-iso', regions: 'us-iso-', domain: 'c2s.ic.gov' },
  { name: 'aws-iso-b', regions: 'us-isob-', domain: 'sc2s.sgov.gov' },
  { name: 'aws-iso-e', regions: 'eu-isoe-', domain: 'cloud.adc-e.uk' },
  { name: 'aws-iso-f', regions: 'us-isof-', domain: 'csp.hci.ic.gov' },
  { name: 'aws-eusc', regions: 'eusc-', domain: 'amazonaws.eu' },
]
const PUBLIC: Partition = { name: 'aws', regions: '', domain: 'amazonaws.com' }

export function partitionOf(region: string): Partition {
  return PARTITIONS.find(({ regions }) => region.startsWith(regions)) ?? PUBLIC
}
