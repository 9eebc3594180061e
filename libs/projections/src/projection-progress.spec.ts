import { describe, expect, it } from '@jest/globals';
import { position } from '@ringfence/kernel/units';
import type { Notifications } from '@ringfence/ports/sql/notifications';
import type { SqlTransaction } from '@ringfence/ports/sql/sql-database';
import { ProjectionProgress } from './projection-progress.js';

const never = new AbortController().signal;
const foreverMs = 2 ** 30;

/** A channel between processes: each end hears what another sends. */
class Channel {
  readonly #ends = new Map<object, (text: string) => void>();

  end(): Notifications {
    const self = {};
    return {
      send: (text) => {
        for (const [end, heard] of this.#ends) if (end !== self) heard(text);
      },
      listen: (heard) => void this.#ends.set(self, heard),
    };
  }
}

/** A database whose checkpoints all are where a projector has moved them. */
function checkpoints(): { next: number; readonly db: SqlTransaction } {
  const rows = (): readonly object[] => ['calls', 'usage'].map((name) => ({ name, position: String(kept.next) }));
  const kept = { next: 0, db: { query: <Row>() => Promise.resolve(rows() as readonly Row[]) } };
  return kept;
}

describe('a projection that paces itself', () => {
  const world = () => {
    const channel = new Channel();
    const kept = checkpoints();
    const [projector, gateway] = [channel.end(), channel.end()].map((end) => new ProjectionProgress(kept.db, end));
    if (projector === undefined || gateway === undefined) throw new Error('a channel has two ends');
    projector.hearOthers();
    return { kept, projector, gateway };
  };

  it('commits at once when a reader of another process waits for it', async () => {
    const { kept, projector, gateway } = world();
    const paced = projector.awaited('calls', foreverMs, never);
    const read = gateway.waitFor(['calls'], position(7), foreverMs);
    await paced;
    kept.next = 7;
    expect(await read).toBe(true);
  });

  it('does so too if that reader has been waiting before', async () => {
    const { kept, projector, gateway } = world();
    const read = gateway.waitFor(['calls', 'usage'], position(7), foreverMs);
    await projector.awaited('calls', foreverMs, never);
    await projector.awaited('usage', foreverMs, never);
    kept.next = 7;
    expect(await read).toBe(true);
  });

  it('is not hurried by readers of other projections', async () => {
    const { kept, projector, gateway } = world();
    const stopping = new AbortController();
    let isPaced = true;
    const paced = projector.awaited('usage', foreverMs, stopping.signal).then(() => (isPaced = false));
    const read = gateway.waitFor(['calls'], position(7), foreverMs);
    await projector.awaited('calls', foreverMs, never);
    expect(isPaced).toBe(true);
    kept.next = 7;
    await read;
    stopping.abort();
    await paced;
  });
});
