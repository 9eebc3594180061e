import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type pg from 'pg';
import { openPool } from './pool.js';
import { PostgresNotifications } from './postgres-notifications.js';
import { openScratchDatabase, type ScratchDatabase } from './scratch-database.js';

const repeatMs = 20;
let server: ScratchDatabase;
let pool: pg.Pool;
const open: PostgresNotifications[] = [];

beforeAll(async () => {
  server = await openScratchDatabase();
  pool = openPool(server.url, { connectionsMax: 8 });
});
afterEach(async () => {
  await Promise.all(open.splice(0).map((each) => each.close()));
});
afterAll(async () => {
  await pool.end();
  await server.close();
});

function notifications(channel = 'spec'): PostgresNotifications {
  const made = new PostgresNotifications(pool, channel);
  open.push(made);
  return made;
}

/** Keeps what arrives, and says when a text has arrived. */
class Heard {
  readonly texts: string[] = [];
  readonly #waiting = new Set<() => void>();
  readonly take = (text: string): void => {
    this.texts.push(text);
    for (const look of this.#waiting) look();
  };

  has(text: string): Promise<void> {
    return new Promise((resolve) => {
      const look = () => {
        if (!this.texts.includes(text)) return;
        this.#waiting.delete(look);
        resolve();
      };
      this.#waiting.add(look);
      look();
    });
  }
}

/** Sends until the text is heard: nobody says when a connection has begun to listen. */
async function sendUntilHeard(sender: PostgresNotifications, heard: Heard, text: string): Promise<void> {
  const sending = setInterval(() => {
    sender.send(text);
  }, repeatMs);
  await heard.has(text);
  clearInterval(sending);
}

describe('a notification', () => {
  it('reaches every other process that listens on its channel, and not its sender', async () => {
    const [sender, listener, elsewhere] = [notifications(), notifications(), notifications('other')];
    const [own, heard, unheard] = [new Heard(), new Heard(), new Heard()];
    sender.listen(own.take);
    listener.listen(heard.take);
    elsewhere.listen(unheard.take);
    await sendUntilHeard(sender, heard, 'calls,ledger');
    await sendUntilHeard(listener, own, 'usage');
    await sendUntilHeard(sender, heard, '');
    expect(listener.isHeard).toBe(true);
    expect(new Set(own.texts)).toEqual(new Set(['usage']));
    expect(new Set(heard.texts)).toEqual(new Set(['calls,ledger', '']));
    expect(unheard.texts).toEqual([]);
  });

  it('arrives again after the connection of the listener was cut', async () => {
    const [sender, listener] = [notifications(), notifications()];
    const heard = new Heard();
    listener.listen(heard.take);
    await sendUntilHeard(sender, heard, 'before');
    await pool.query(`select pg_terminate_backend(pid) from pg_stat_activity where query = 'listen spec'`);
    await sendUntilHeard(sender, heard, 'after');
  });

  it('is not sent by a process that has closed', async () => {
    const [sender, listener] = [notifications(), notifications()];
    const heard = new Heard();
    listener.listen(heard.take);
    await sendUntilHeard(notifications(), heard, 'open');
    await sender.close();
    sender.send('closed');
    await sendUntilHeard(notifications(), heard, 'last');
    expect(heard.texts).not.toContain('closed');
  });
});
