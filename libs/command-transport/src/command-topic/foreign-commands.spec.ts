import { beforeAll, describe, expect, it } from '@jest/globals';
import type { AccountId } from '@ringfence/kernel/ids';
import { laneOf } from '@ringfence/kernel/lane';
import { accountTopicsOf } from '@ringfence/wire/topics';
import { laneCount, topics } from '@ringfence/testing/decider-world';
import { exampleOpening } from '@ringfence/testing/examples';
import { SignedCommandBench } from '@ringfence/testing/signed-command-bench';
import { SigningClient } from '@ringfence/testing/signing-client';

let client: SigningClient;
beforeAll(async () => {
  client = await SigningClient.create();
});
const started = () => new SignedCommandBench(client).start();

describe('a signed command about another account', () => {
  /** Another account that is open. */
  async function another(b: SignedCommandBench): Promise<AccountId> {
    const accountId = b.ids.accountId();
    const name = await b.vault.seal(accountId, 'Other GmbH');
    await b.dispatch(accountId, exampleOpening(accountId, { name }));
    return accountId;
  }
  const foreign = { status: 'failed', code: 'signing_key_foreign', retryable: false };

  it('is answered, and recorded in the stream of the account that it named', async () => {
    const b = await started();
    const [keyId, other] = [await b.signingKey(), await another(b)];
    const message = await b.message(keyId, { subject: other });
    await b.hand(message);
    expect(b.replies()).toMatchObject([foreign]);
    expect(await b.events('CommandTurnedAway')).toMatchObject([
      { stream: other, data: { presentedKeyId: keyId, code: 'signing_key_foreign', commandType: 'place_call' } },
    ]);
    expect(await b.events('CallPlaced')).toEqual([]);
    expect(b.isConsumed(message)).toBe(true);
  });

  it.each([
    ['another account', (other: AccountId) => other],
    ['the platform', () => 'platform'],
    ['nobody', () => '+15005550000'],
  ])(
    'and came by its sender’s own topic, is answered in that one’s replies and recorded in its stream: %s',
    async (_who, subjectOf) => {
      const b = await started();
      const [keyId, other] = [await b.signingKey(), await another(b)];
      const home = laneOf(b.accountId, laneCount);
      const signed = await b.message(keyId, { subject: subjectOf(other) }, home);
      const { replies } = accountTopicsOf(topics, b.accountId);
      const message = { ...signed, headers: { ...signed.headers, ce_replytopic: replies } };
      await b.hand(message);
      const [reply] = b.published(replies);
      expect(JSON.parse(Buffer.from(reply?.value ?? []).toString())).toMatchObject(foreign);
      expect(reply?.partition).toBe(0);
      expect(b.replies()).toEqual([]);
      expect(await b.events('CommandTurnedAway')).toMatchObject([
        {
          stream: b.accountId,
          data: { presentedKeyId: keyId, code: 'signing_key_foreign', commandType: 'place_call' },
        },
      ]);
      expect(b.published(topics.deadLetters)).toEqual([]);
      expect(b.isConsumed(message)).toBe(true);
    },
  );

  it('and came by its sender’s own topic, is rejected there though the key be that of the account it names', async () => {
    const b = await started();
    const other = await another(b);
    const stolen = await b.signingKey(other);
    const signed = await b.message(stolen, { subject: other }, laneOf(other, laneCount));
    const { replies } = accountTopicsOf(topics, b.accountId);
    await b.hand({ ...signed, headers: { ...signed.headers, ce_replytopic: replies } });
    // It is in the lane of the account that it names: it is forwarded to that of its sender.
    const home = laneOf(b.accountId, laneCount);
    const [moved] = b.published(topics.commands);
    expect(moved).toMatchObject({ partition: home });
    if (moved !== undefined) await b.hand(b.at(home, moved));
    expect(b.published(replies)).toHaveLength(1);
    expect(await b.events('CommandTurnedAway')).toMatchObject([
      { stream: b.accountId, data: { presentedKeyId: stolen } },
    ]);
    expect(await b.events('CallPlaced')).toEqual([]);
  });
});
