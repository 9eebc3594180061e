import { describe, expect, it } from '@jest/globals';
import { twilioSignature, type TwilioParameters, urlWithBodyDigest } from './twilio-signature.js';

const url = 'https://mycompany.com/myapp.php?foo=1&bar=2';
const form: TwilioParameters = [
  ['To', '+18005551212'],
  ['CallSid', 'CA1234567890ABCDE'],
  ['Digits', '1234'],
  ['From', '+14158675309'],
  ['Caller', '+14158675309'],
];
const repeated: TwilioParameters = [
  ['SidAccount', 'AC123'],
  ['Digits', '5678'],
  ['Digits', '1234'],
  ['Sid', 'CA123'],
  ['Digits', '1234'],
];

describe('a signature of Twilio’s', () => {
  // Computed by the validators of npm twilio 6.3.1 and PyPI twilio 9.13.0.
  it.each<[url: string, parameters: TwilioParameters, signature: string]>([
    [url, form, 'RSOYDt4T1cUTdK1PDd93/VVr8B8='],
    ['wss://agent.example.com/ws', [], 'EkYXPDEnE1q+USz3TkWRAFcz5XI='],
    ['http://127.0.0.1:8080/x?a=b', [], 'uB8xuwVZu3LQGrPvhvqUpBMrzLk='],
    [url, repeated, 'IK+Dwps556ElfBT0I3Rgjkr1wJU='],
  ])('of %s is that of the stock packages', (signed, parameters, signature) => {
    expect(twilioSignature('12345', signed, parameters)).toBe(signature);
  });

  it.each<[written: string, signed: string]>([
    ['https://mycompany.com:443/myapp.php?foo=1&bar=2', url],
    ['wss://agent.example.com:443/ws', 'wss://agent.example.com/ws'],
    ['wss://agent.example.com:8443/ws', 'wss://agent.example.com/ws'],
    ['wss://[2001:db8::1]:443', 'wss://[2001:db8::1]'],
  ])('of %s is that of %s: validators try the URL without the port', (written, signed) => {
    expect(twilioSignature('12345', written, form)).toBe(twilioSignature('12345', signed, form));
  });

  it.each(['https://mycompany.com:8443/', 'http://mycompany.com:80/', 'https://mycompany.com/:443/'])(
    'keeps the port of %s as it is written',
    (written) => {
      expect(twilioSignature('12345', written, [])).not.toBe(twilioSignature('12345', written.replace(/:\d+/, ''), []));
    },
  );

  it('covers a JSON body by its digest in the query', () => {
    const digest = '44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a';
    expect(urlWithBodyDigest('https://a.example.com/x', '{}')).toBe(`https://a.example.com/x?bodySHA256=${digest}`);
    expect(urlWithBodyDigest('https://a.example.com/x?y=1', '{}')).toBe(
      `https://a.example.com/x?y=1&bodySHA256=${digest}`,
    );
  });
});
