import { describe, expect, it } from '@jest/globals';
import { exampleAccountId, exampleKeyId } from '@ringfence/testing/examples';
import { wireCommandCodec } from './command-codec.js';

const of = { accountId: exampleAccountId, presentedKeyId: exampleKeyId, commandType: null };
const ofVersion = (version: number) => `ringfence.wish.turn_away_command.v${String(version)}`;

describe('that commands were rejected, on the topic', () => {
  it('says how many they were, and is read as that', () => {
    const payload = { type: 'TurnAwayCommand', ...of, code: 'source_not_allowed', count: 50 } as const;
    expect(
      wireCommandCodec.read(wireCommandCodec.ceTypeOf(payload), JSON.parse(wireCommandCodec.write(payload))),
    ).toEqual(payload);
  });

  it('was said of one alone by the release before', () => {
    const before = { ...of, code: 'signature_invalid' };
    expect(wireCommandCodec.read(ofVersion(1), before)).toEqual({ type: 'TurnAwayCommand', ...before, count: 1 });
    expect(() => wireCommandCodec.read(ofVersion(2), { ...of, code: 'signature_invalid' })).toThrow(/count/);
    expect(() => wireCommandCodec.read(ofVersion(2), { ...of, code: 'key_revoked', count: 1.5 })).toThrow(/count/);
  });
});
