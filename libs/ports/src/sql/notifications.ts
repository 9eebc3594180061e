/**
 * Notifications on one channel between the processes that share a database. They may be lost, so that no process may
 * depend on one.
 */
export interface Notifications {
  /** Notifies the other processes that listen. Never throws. @param text of at most 7,000 bytes */
  send(text: string): void;
  /** Listens from now on, across failures of the connection. @param heard called for every text of another process */
  listen(heard: (text: string) => void): void;
}
