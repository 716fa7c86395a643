import { partitionOf } from '../../../core/aws-partitions.ts'

/** The region's own security token service. */
export function stsEndpoint(region: string): string {
  return `https://sts.${region}.${partitionOf(region).domain}/`
}
