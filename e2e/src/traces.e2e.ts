import { describe, expect, it } from '@jest/globals';
import { leaks } from './traces.js';

const needle = { name: 'a number', value: '+15005557391' };

describe('the search for leaks', () => {
  it.each([
    ['plain', 'dialled +15005557391 now'],
    ['digits', 'sip:15005557391@host'],
    ['URL-encoded', 'GET /calls?to=%2B15005557391'],
    ['hex', Buffer.from('x+15005557391x').toString('hex')],
    ['base64', Buffer.from('to: +15005557391, from: nobody').toString('base64')],
    ['base64url', Buffer.from('t: +15005557391, from: nobody').toString('base64url')],
  ])('sees a number that is written %s', (_, text) => {
    expect(leaks([needle], [{ place: 'here', bytes: Buffer.from(text) }])).not.toEqual([]);
  });

  it('sees nothing where there is nothing', () => {
    expect(leaks([needle], [{ place: 'here', bytes: Buffer.from('1500555 +1500555 prefix') }])).toEqual([]);
  });
});
