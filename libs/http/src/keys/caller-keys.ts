import { Inject, Injectable } from '@nestjs/common';
import type { KeyEntry } from '@ringfence/auth/key-entry';
import { KeyFinder } from '@ringfence/requests/key-finder';
import { parseKeyId } from '@ringfence/kernel/ids';
import { type Caller, seesKey } from '../edge/access.js';
import { edgeProblem } from '../problem.js';

/** Finds the key that a path names, among those that the caller may act on. */
@Injectable()
export class CallerKeys {
  constructor(@Inject(KeyFinder) private readonly keys: KeyFinder) {}

  /**
   * @throws HttpProblem `not_found`, also for a key of another account, and for a live key if the caller has a test key
   */
  async find(caller: Caller, keyIdText: string): Promise<KeyEntry> {
    const keyId = parseKeyId(keyIdText);
    const entry = keyId === undefined ? undefined : await this.keys.find(keyId, (key) => seesKey(caller, key));
    if (entry === undefined) throw edgeProblem('not_found', 'there is no such key');
    return entry;
  }

  /** The key and its ancestors, itself first. */
  lineOf(entry: KeyEntry): readonly KeyEntry[] {
    const line = this.keys.lineOf(entry.keyId);
    return line.length === 0 ? [entry] : line;
  }
}
