import { type Mode, modes } from '@ringfence/domain/shared/values';
import { customAlphabet } from 'nanoid';
import { crc32 } from 'node:zlib';

/**
 * A key's secret: `rf_<mode>_`, 30 base-62 characters from the system's CSPRNG (178 bits), and the CRC-32 of everything
 * before it in 6 more. The checksum detects a typo or a truncated secret without a look-up; it protects nothing.
 * docs/secret-scanning.md has the pattern.
 */
export type ParsedSecret = { readonly mode: Mode; readonly text: string };

const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const randomLength = 30;
const checksumLength = 6;
/** Pattern for secret scanners, as docs/secret-scanning.md publishes it. */
export const keySecretPattern = String.raw`\brf_(?:live|test)_[0-9A-Za-z]{36}\b`;

const whole = /^rf_(live|test)_[0-9A-Za-z]{36}$/;
const random = customAlphabet(alphabet, randomLength);

/**
 * Generates a secret, to be shown once; only its digest is kept.
 * @param letters returns 30 base-62 characters from a CSPRNG; tests pass fixed ones
 */
export function mintSecret(mode: Mode, letters: () => string = random): ParsedSecret {
  const body = `rf_${mode}_${letters()}`;
  return { mode, text: body + checksumOf(body) };
}

/**
 * Parses a well-formed secret; undefined: it cannot be one of this platform. Whether a key has it is decided by the
 * registry.
 */
export function parseSecret(text: string): ParsedSecret | undefined {
  const [, modeText] = whole.exec(text) ?? [];
  const mode = modes.find((each) => each === modeText);
  if (mode === undefined) return undefined;
  const body = text.slice(0, -checksumLength);
  return checksumOf(body) === text.slice(-checksumLength) ? { mode, text } : undefined;
}

/** The last four characters, recorded in events so that people can distinguish keys. */
export function secretHintOf(secret: ParsedSecret): string {
  return secret.text.slice(-4);
}

/** CRC-32 (IEEE 802.3) in base 62, most significant digit first. */
function checksumOf(body: string): string {
  let rest = crc32(body);
  let digits = '';
  for (let at = 0; at < checksumLength; at += 1) {
    digits = alphabet.charAt(rest % alphabet.length) + digits;
    rest = Math.floor(rest / alphabet.length);
  }
  return digits;
}
