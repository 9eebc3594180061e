/**
 * Notifications on one channel between the processes that share a database. They may be lost, so that no process may
 * depend on one.
 */
export interface Notifications {
  /** Says whether notifications of others arrive at the moment. */
  readonly isHeard: boolean;
  /** Notifies the other processes that listen. Never throws. @param text of at most 7,000 bytes */
  send(text: string): void;
  /** Listens until `close`, across failures of the connection. @param heard called for every text of another process */
  listen(heard: (text: string) => void): void;
  close(): Promise<void>;
}
