import { describe, expect, it } from '@jest/globals';
import { subjectKey } from './subject-key.js';

describe('the key of a subject', () => {
  it('follows the moment of a ULID, whatever kind of id it is', () => {
    const keys = ['cs_01M8NPCW0W4T8HX5K89G6XP96Z', 'acc_01M8NPCW0X0000000000000000', 'cs_01M8NPCW0Y0000000000000000'];
    const found = keys.map(subjectKey);
    expect([...found].sort((left, right) => Number(left - right))).toEqual(found);
    expect(found[0]).not.toBe(subjectKey('cs_01M8NPCW0W4T8HX5K89G6XP96Y'));
  });

  it('is 64 bits with a sign, as the database has them, for the last ULID and for any other text', () => {
    for (const subject of ['cs_7ZZZZZZZZZZZZZZZZZZZZZZZZZ', 'platform', 'key_1', 's'])
      expect(BigInt.asIntN(64, subjectKey(subject))).toBe(subjectKey(subject));
    expect(subjectKey('key_1')).not.toBe(subjectKey('key_2'));
  });
});
