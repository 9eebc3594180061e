/** The 32 bytes of an Ed25519 public key as base64url, without padding or bits set after the last byte. */
export const publicKeyPattern = /^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$/;

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
/** The prime of the curve's field, and the curve's d (RFC 8032, 5.1). */
const prime = 2n ** 255n - 19n;
const d = 37095705934669439343138083508754565189542113879843219016388785533085940283555n;
const order8Y = 55188659117513257062467267217118295137698188065244968500265048394206261417927n;
/** The y coordinates of points whose order divides eight; anyone can forge signatures under such a key. */
const smallOrderYs: readonly bigint[] = [0n, 1n, prime - 1n, order8Y, prime - order8Y];

/**
 * Describes in a sentence why this cannot be a public key; undefined: it is the canonical encoding of a point of the
 * curve.
 */
export function publicKeyFault(publicKey: string): string | undefined {
  if (!publicKeyPattern.test(publicKey))
    return 'public_key: the x of an Ed25519 JWK, 32 bytes as base64url without padding.';
  const encoded = littleEndian(publicKey);
  const isOdd = encoded >> 255n === 1n;
  const y = encoded & (2n ** 255n - 1n);
  if (y >= prime || !isOnCurve(y, isOdd)) return 'public_key: these 32 bytes are no point of the curve Ed25519.';
  if (smallOrderYs.includes(y))
    return 'public_key: a point of small order proves nothing; make a key pair with a library.';
  return undefined;
}

/** Says whether an x exists for this y: x² = (y² − 1) / (d·y² + 1). */
function isOnCurve(y: bigint, isOdd: boolean): boolean {
  const square = (y * y) % prime;
  const above = (square - 1n + prime) % prime;
  if (above === 0n) return !isOdd;
  // A quotient is a square if and only if the product is one; d is not a square, so `below` is never zero.
  const below = (d * square + 1n) % prime;
  return power((above * below) % prime, (prime - 1n) / 2n) === 1n;
}

function power(base: bigint, exponent: bigint): bigint {
  let result = 1n;
  for (let [left, square] = [exponent, base]; left > 0n; left >>= 1n) {
    if ((left & 1n) === 1n) result = (result * square) % prime;
    square = (square * square) % prime;
  }
  return result;
}

function littleEndian(publicKey: string): bigint {
  let bits = 0n;
  for (const letter of publicKey) bits = (bits << 6n) | BigInt(alphabet.indexOf(letter));
  bits >>= 2n; // 43 letters are 258 bits
  let value = 0n;
  for (let byte = 0; byte < 32; byte += 1, bits >>= 8n) value = (value << 8n) | (bits & 255n);
  return value;
}
