import { describe, expect, it } from '@jest/globals';
import { exampleAccountId, exampleKeyId } from '@ringfence/testing/examples';
import { wishCodec } from './command-codec.js';

const of = { accountId: exampleAccountId, presentedKeyId: exampleKeyId, commandType: null };
const ofVersion = (version: number) => `ringfence.wish.turn_away_command.v${String(version)}`;

describe('that commands were turned away, on the topic', () => {
  it('says how many they were, and is read as that', () => {
    const wish = { type: 'TurnAwayCommand', ...of, code: 'source_not_allowed', count: 50 } as const;
    expect(wishCodec.read(wishCodec.ceTypeOf(wish), JSON.parse(wishCodec.write(wish)))).toEqual(wish);
  });

  it('was said of one alone by the release before', () => {
    const before = { ...of, code: 'signature_invalid' };
    expect(wishCodec.read(ofVersion(1), before)).toEqual({ type: 'TurnAwayCommand', ...before, count: 1 });
    expect(() => wishCodec.read(ofVersion(2), { ...of, code: 'signature_invalid' })).toThrow(/count/);
    expect(() => wishCodec.read(ofVersion(2), { ...of, code: 'key_revoked', count: 1.5 })).toThrow(/count/);
  });
});
