import { beforeEach, describe, expect, it } from '@jest/globals';
import { decodeRecorded } from '@ringfence/event-catalog/event-codec';
import type { KeyId } from '@ringfence/kernel/ids';
import { position } from '@ringfence/kernel/units';
import { ExampleLog } from '@ringfence/testing/example-log';
import { exampleKeyIssued } from '@ringfence/testing/examples';
import { FakeTimers } from '@ringfence/testing/fake-timers';
import { randomBytes } from 'node:crypto';
import { KeyRing } from '@ringfence/runtime/key-ring';
import { KeyRegistry } from '@ringfence/auth/key-registry';
import { SecretHasher } from '@ringfence/auth/secret-hasher';
import { KeyFinder } from './key-finder.js';

const hasher = new SecretHasher(KeyRing.parse(`one:${randomBytes(32).toString('base64')}`, 'spec'));

describe('the key that a command names', () => {
  let log: ExampleLog;
  let registry: KeyRegistry;
  let timers: FakeTimers;
  let finder: KeyFinder;
  let asked: string[];
  beforeEach(() => {
    log = new ExampleLog();
    timers = new FakeTimers();
    asked = [];
    registry = new KeyRegistry(hasher, () => Promise.resolve(position(0)));
    const readSubject = (subject: string, limit: number) => {
      asked.push(subject);
      return log.store.readSubject(subject, limit);
    };
    finder = new KeyFinder(registry, { readSubject }, timers);
  });

  async function issue(): Promise<KeyId> {
    const issued = exampleKeyIssued({}, log.ids.keyId());
    await log.append(issued, undefined, issued.keyId);
    return issued.keyId;
  }
  const seeAll = async () => {
    registry.apply((await log.store.readAll(registry.nextPosition, 100)).map(decodeRecorded), log.clock.now());
  };

  it('costs the log one question when it is somebody else’s, as one that is not there does', async () => {
    const foreign = await issue();
    const unknown = log.ids.keyId();
    // Known by the log alone, so far: nobody waits for it who does not see it.
    expect(await finder.find(foreign, () => false)).toBeUndefined();
    await seeAll();
    for (const keyId of [foreign, unknown]) expect(await finder.find(keyId, () => false)).toBeUndefined();
    expect(asked).toEqual([foreign, foreign, unknown]);
    expect(await finder.find(foreign, () => true)).toMatchObject({ keyId: foreign });
    expect(asked).toHaveLength(3);
  });

  it('is waited for when it was issued a moment ago', async () => {
    const own = await issue();
    const finding = finder.find(own, () => true);
    // Long before this process stops waiting.
    await timers.advance(100);
    await seeAll();
    await timers.advance(100);
    expect(await finding).toMatchObject({ keyId: own });
  });
});
