import { hash } from 'node:crypto';

/**
 * Computes what a SIP registrar needs of a password to check a digest (RFC 7616 §3.4.2, RFC 8760): the hash of user
 * name, realm and password by each algorithm. They open nothing but this realm, and the password cannot be read from
 * them; a guessed one can be compared with them, so they are a secret too.
 * @param username without a colon
 */
export function sipDigests(username: string, realm: string, password: string): string {
  const secret = `${username}:${realm}:${password}`;
  return `MD5=${hash('md5', secret)} SHA-256=${hash('sha256', secret)}`;
}
