import { describe, expect, it } from '@jest/globals';
import type { Epoch } from '@ringfence/kernel/lane';
import type { LeaseTaking, RelayLeases } from './relay-leases.js';

/** A silence that nobody reaches while a test runs; its counterpart is zero. */
const longMs = 3_600_000;

/**
 * Runs the contract of every adapter of the port, inside a spec of the adapter.
 * @param setBack sets back the clock that times the leases, or creates the state that this leaves behind
 */
export function relayLeasesContract(
  name: string,
  open: () => Promise<RelayLeases>,
  setBack: (byMs: number) => Promise<void>,
): void {
  describe(`the relays' leases: ${name}`, () => {
    const taking = (relay: string, owner: string, changes: Partial<LeaseTaking> = {}): LeaseTaking => ({
      relay,
      owner,
      silentMs: longMs,
      above: 0 as Epoch,
      ...changes,
    });
    const taken = async (leases: RelayLeases, asked: LeaseTaking) => {
      const lease = await leases.take(asked);
      if (lease === null) throw new Error(`${asked.owner} did not get ${asked.relay}`);
      return lease;
    };

    it('go to the first who asks, and to nobody else while the owner renews them', async () => {
      const leases = await open();
      const owner = await taken(leases, taking('first', 'one'));
      expect(await leases.take(taking('first', 'two'))).toBeNull();
      await owner.renew();
      await owner.check();
      expect((await taken(leases, taking('other', 'two'))).epoch).toBe(1);
    });

    it('go to the next when the owner was silent: from then on it can do nothing', async () => {
      const leases = await open();
      const replaced = await taken(leases, taking('silent', 'one'));
      const owner = await taken(leases, taking('silent', 'two', { silentMs: 0 }));
      expect(owner.epoch).toBe(replaced.epoch + 1);
      const lost = { code: 'relay_lease_lost', retryable: false };
      await expect(replaced.check()).rejects.toMatchObject(lost);
      await expect(replaced.renew()).rejects.toMatchObject(lost);
      await expect(replaced.release()).rejects.toMatchObject(lost);
      await owner.check();
      expect(await leases.take(taking('silent', 'one'))).toBeNull();
    });

    it('go at once to the next when the owner lets go', async () => {
      const leases = await open();
      await (await taken(leases, taking('let go', 'one'))).release();
      expect((await taken(leases, taking('let go', 'two'))).epoch).toBe(2);
    });

    it('go to the next one when the clock was set back and the last renewal cannot be dated', async () => {
      const leases = await open();
      const replaced = await taken(leases, taking('set back', 'one'));
      await setBack(longMs / 2);
      expect(await leases.take(taking('set back', 'two'))).toBeNull();
      await setBack(24 * longMs);
      await taken(leases, taking('set back', 'two'));
      await expect(replaced.check()).rejects.toMatchObject({ code: 'relay_lease_lost' });
      expect(await leases.take(taking('set back', 'one'))).toBeNull();
    });

    it('can be taken again by their owner, above an epoch that somebody remembers', async () => {
      const leases = await open();
      const before = await taken(leases, taking('again', 'one'));
      expect((await taken(leases, taking('again', 'one', { above: 41 as Epoch }))).epoch).toBe(42);
      await expect(before.check()).rejects.toMatchObject({ code: 'relay_lease_lost' });
      expect((await taken(leases, taking('again', 'one'))).epoch).toBe(43);
    });
  });
}
