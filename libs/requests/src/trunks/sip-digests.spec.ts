import { expect, it } from '@jest/globals';
import { hash } from 'node:crypto';
import { sipDigests } from './sip-digests.js';

it('the digests of a password answer the example of RFC 7616, by either algorithm', () => {
  const [, md5 = '', sha256 = ''] =
    /^MD5=([0-9a-f]{32}) SHA-256=([0-9a-f]{64})$/.exec(
      sipDigests('Mufasa', 'http-auth@example.org', 'Circle of Life'),
    ) ?? [];
  const response = (algorithm: 'md5' | 'sha256', kept: string) => {
    const request = hash(algorithm, 'GET:/dir/index.html');
    const nonce = '7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v';
    return hash(algorithm, `${kept}:${nonce}:00000001:f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ:auth:${request}`);
  };
  expect(response('md5', md5)).toBe('8ca523f5e9506fed4657c9700eebdbec');
  expect(response('sha256', sha256)).toBe('753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1');
});
