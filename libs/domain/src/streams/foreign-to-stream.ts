import { BrokenInvariant } from '@ringfence/kernel/invariant';

/** @throws BrokenInvariant: a stream was handed a command or an event of another stream, which is a bug of ours */
export function foreignToStream(type: string, stream: string): never {
  throw new BrokenInvariant(`${type} does not belong to the stream of ${stream}`);
}
