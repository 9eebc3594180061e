import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { readTwiml } from './twiml.js';
import { twimlBytesMax } from './twiml-document.js';

const documentUrl = 'https://app.example.com/voice/answer?step=1';
const read = (verbs: string) =>
  readTwiml(`<?xml version="1.0" encoding="UTF-8"?><Response>${verbs}</Response>`, documentUrl);
const verbsOf = (verbs: string) => {
  const result = read(verbs);
  return 'program' in result ? result.program.map(({ line: _, column: __, ...verb }) => verb) : result.faults;
};
const faultsOf = (text: string, url: string | null = documentUrl) => {
  const result = readTwiml(text, url);
  return 'faults' in result ? result.faults.map(({ detail }) => detail) : [];
};
const warningsOf = (verbs: string) => {
  const result = read(verbs);
  return 'warnings' in result ? result.warnings.map(({ detail }) => detail) : result.faults;
};

const say = { verb: 'say', voice: null, language: null, times: 1 };
const dial = {
  verb: 'dial',
  ringTimeoutMs: 30_000,
  timeLimitMs: 14_400_000,
  callerId: null,
  answerOnBridge: false,
  hangupOnStar: false,
  record: 'do-not-record',
  action: null,
};
const party = (target: object, others: object = {}) => ({ target, screen: null, statusCallback: null, ...others });
const number = (digits: string, sendDigits: string | null = null) => ({ kind: 'number', number: digits, sendDigits });
const parties = (...list: object[]) => ({ kind: 'parties', parties: list, sequential: false });
const conference = {
  kind: 'conference',
  name: 'room',
  muted: false,
  beep: 'true',
  startConferenceOnEnter: true,
  endConferenceOnExit: false,
  participantsMax: 250,
  record: false,
  participantLabel: null,
  wait: null,
  statusCallback: null,
};
const gather = {
  verb: 'gather',
  input: { dtmf: true, speech: false },
  action: { url: null, method: 'POST' },
  timeoutMs: 5_000,
  digitsMax: null,
  finishOnKey: '#',
  speechTimeoutMs: null,
  language: 'en-US',
  hints: null,
  bargeIn: true,
  actionOnEmptyResult: false,
  prompts: [],
};
const record = {
  verb: 'record',
  action: { url: null, method: 'POST' },
  timeoutMs: 5_000,
  finishOnKeys: '1234567890*#',
  maxLengthMs: 3_600_000,
  playBeep: true,
  trimSilence: true,
};
const stream = { noun: 'stream', url: 'wss://agent.example.com/ws', name: null, statusCallback: null, parameters: [] };
const connect = (to: object, action: object | null = null) => ({ verb: 'connect', to, action });
const relay = {
  noun: 'conversation-relay',
  url: 'wss://agent.example.com/relay',
  settings: new Map<string, string>(),
  languages: [],
  parameters: [],
};

describe('a TwiML document', () => {
  it.each<[twiml: string, verb: object]>([
    ['<Say>Hello</Say>', { ...say, text: 'Hello' }],
    [
      '<Say voice="alice" language="de-DE" loop="3">Grüß Gott</Say>',
      { ...say, text: 'Grüß Gott', voice: 'alice', language: 'de-DE', times: 3 },
    ],
    ['<Say loop="0">a\n  b</Say>', { ...say, text: 'a b', times: 'endless' }],
    ['<Say>a &lt; b<!-- quietly --><![CDATA[ & c]]></Say>', { ...say, text: 'a < b & c' }],
    [
      '<Play>https://media.example.com/a.mp3</Play>',
      { verb: 'play', url: 'https://media.example.com/a.mp3', times: 1 },
    ],
    ['<Play loop="0">/hold.wav</Play>', { verb: 'play', url: 'https://app.example.com/hold.wav', times: 'endless' }],
    ['<Play digits="12w#"/>', { verb: 'send-digits', digits: '12w#' }],
    ['<Pause/>', { verb: 'pause', lengthMs: 1_000 }],
    ['<Pause length="40"/>', { verb: 'pause', lengthMs: 40_000 }],
    ['<Hangup/>', { verb: 'hangup' }],
    ['<Reject/>', { verb: 'reject', reason: 'rejected' }],
    ['<Reject reason="busy"/>', { verb: 'reject', reason: 'busy' }],
    [
      '<Redirect>https://b.example.com/x?a=%20b</Redirect>',
      { verb: 'redirect', url: 'https://b.example.com/x?a=%20b', method: 'POST' },
    ],
    [
      '<Redirect method="GET">next</Redirect>',
      { verb: 'redirect', url: 'https://app.example.com/voice/next', method: 'GET' },
    ],
    ['<Dial>+15005550001</Dial>', { ...dial, to: parties(party(number('+15005550001'))) }],
    [
      '<Dial timeout="20" timeLimit="60" callerId="+15005550006" answerOnBridge="true" hangupOnStar="true" record="record-from-answer-dual" action="/after" method="GET"><Number>+15005550001</Number></Dial>',
      {
        ...dial,
        ringTimeoutMs: 20_000,
        timeLimitMs: 60_000,
        callerId: '+15005550006',
        answerOnBridge: true,
        hangupOnStar: true,
        record: 'record-from-answer-dual',
        action: { url: 'https://app.example.com/after', method: 'GET' },
        to: parties(party(number('+15005550001'))),
      },
    ],
    [
      '<Dial sequential="true"><Number sendDigits="ww1">+15005550001</Number><Sip>sip:a@pbx.example.com:5061;transport=tls?x-ticket=42</Sip></Dial>',
      {
        ...dial,
        to: {
          ...parties(
            party(number('+15005550001', 'ww1')),
            party({ kind: 'sip', uri: 'sip:a@pbx.example.com:5061;transport=tls?x-ticket=42', credential: null }),
          ),
          sequential: true,
        },
      },
    ],
    [
      '<Dial><Number url="/screen" statusCallback="/status" statusCallbackEvent="answered completed">+15005550001</Number></Dial>',
      {
        ...dial,
        to: parties(
          party(number('+15005550001'), {
            screen: { url: 'https://app.example.com/screen', method: 'POST' },
            statusCallback: {
              url: 'https://app.example.com/status',
              method: 'POST',
              events: ['answered', 'completed'],
            },
          }),
        ),
      },
    ],
    [
      '<Dial><Sip username="u" password="p">sips:a@pbx.example.com</Sip></Dial>',
      {
        ...dial,
        to: parties(
          party({ kind: 'sip', uri: 'sips:a@pbx.example.com', credential: { username: 'u', password: 'p' } }),
        ),
      },
    ],
    ['<Dial><Conference>room</Conference></Dial>', { ...dial, to: conference }],
    [
      '<Dial><Conference endConferenceOnExit="true" startConferenceOnEnter="false" muted="true" beep="onExit" maxParticipants="2" record="record-from-start" participantLabel="agent" waitUrl="/wait" waitMethod="GET" statusCallback="/c" statusCallbackEvent="join leave">room</Conference></Dial>',
      {
        ...dial,
        to: {
          ...conference,
          muted: true,
          beep: 'onExit',
          startConferenceOnEnter: false,
          endConferenceOnExit: true,
          participantsMax: 2,
          record: true,
          participantLabel: 'agent',
          wait: { url: 'https://app.example.com/wait', method: 'GET' },
          statusCallback: { url: 'https://app.example.com/c', method: 'POST', events: ['join', 'leave'] },
        },
      },
    ],
    ['<Gather/>', gather],
    [
      '<Gather input="dtmf speech" action="/digits" method="GET" timeout="3" numDigits="4" finishOnKey="" speechTimeout="2" language="fr-FR" hints="oui, non" bargeIn="false" actionOnEmptyResult="true"><Say>Code?</Say><Pause/><Play>/beep.wav</Play></Gather>',
      {
        ...gather,
        input: { dtmf: true, speech: true },
        action: { url: 'https://app.example.com/digits', method: 'GET' },
        timeoutMs: 3_000,
        digitsMax: 4,
        finishOnKey: null,
        speechTimeoutMs: 2_000,
        language: 'fr-FR',
        hints: 'oui, non',
        bargeIn: false,
        actionOnEmptyResult: true,
        prompts: [
          expect.objectContaining({ ...say, text: 'Code?' }),
          expect.objectContaining({ verb: 'pause', lengthMs: 1_000 }),
          expect.objectContaining({ verb: 'play', url: 'https://app.example.com/beep.wav' }),
        ],
      },
    ],
    ['<Gather speechTimeout="auto" finishOnKey="*"/>', { ...gather, finishOnKey: '*' }],
    ['<Record/>', record],
    [
      '<Record action="/done" timeout="0" finishOnKey="1#" maxLength="30" playBeep="false" trim="do-not-trim"/>',
      {
        ...record,
        action: { url: 'https://app.example.com/done', method: 'POST' },
        timeoutMs: 0,
        finishOnKeys: '1#',
        maxLengthMs: 30_000,
        playBeep: false,
        trimSilence: false,
      },
    ],
    ['<Connect><Stream url="wss://agent.example.com/ws"/></Connect>', connect(stream)],
    [
      '<Connect action="/after"><Stream url="wss://agent.example.com/ws" name="s1" statusCallback="/s" statusCallbackMethod="GET"><Parameter name="a" value="1"/><Parameter name="b"/></Stream></Connect>',
      connect(
        {
          ...stream,
          name: 's1',
          statusCallback: { url: 'https://app.example.com/s', method: 'GET' },
          parameters: [
            { name: 'a', value: '1' },
            { name: 'b', value: '' },
          ],
        },
        { url: 'https://app.example.com/after', method: 'POST' },
      ),
    ],
    [
      '<Connect><Stream url="ws://127.0.0.1:8765/ws"/></Connect>',
      connect({ ...stream, url: 'ws://127.0.0.1:8765/ws' }),
    ],
    ['<Connect><ConversationRelay url="wss://agent.example.com/relay"/></Connect>', connect(relay)],
    [
      '<Connect><ConversationRelay url="wss://agent.example.com/relay" welcomeGreeting="Hi" interruptible="speech" backgroundnoisereduction="true"><Language code="sv-SE" voice="amy"/><Parameter name="k" value="v"/></ConversationRelay></Connect>',
      connect({
        ...relay,
        settings: new Map([
          ['welcomeGreeting', 'Hi'],
          ['interruptible', 'speech'],
          ['backgroundNoiseReduction', 'true'],
        ]),
        languages: [{ code: 'sv-SE', settings: new Map([['voice', 'amy']]) }],
        parameters: [{ name: 'k', value: 'v' }],
      }),
    ],
  ])('is read: %s', (twiml, verb) => {
    expect(verbsOf(twiml)).toEqual([verb]);
  });

  it('may have no verb', () => {
    expect(readTwiml('<Response/>', null)).toEqual({ program: [], warnings: [] });
  });

  it('keeps the order of its verbs, and where each begins', () => {
    const result = readTwiml('<Response>\n  <Say>a</Say>\n  <Pause/><Hangup/></Response>', null);
    expect(result).toMatchObject({
      program: [
        { verb: 'say', line: 2 },
        { verb: 'pause', line: 3 },
        { verb: 'hangup', line: 3 },
      ],
    });
  });

  it.each<[twiml: string, fault: RegExp]>([
    ['', /not well-formed XML: document must contain a root element/],
    ['{"action":"hangup"}', /not well-formed/],
    ['<Response><Say>a</Response>', /not well-formed/],
    ['<Response>&nbsp;</Response>', /undefined entity/],
    ['<Response a="1" a="2"/>', /duplicate attribute/],
    ['<Response/><Response/>', /one root/],
    ['<!DOCTYPE Response><Response/>', /has a DOCTYPE/],
    ['<!DOCTYPE r [<!ENTITY a "b">]><Response><Say>&a;</Say></Response>', /has a DOCTYPE/],
    ['<response/>', /is a <Response>, and not <response>/],
    ['<html><body>404</body></html>', /is a <Response>, and not <html>/],
    ['<Response>hello</Response>', /text outside of its verbs/],
    ['<Response><Speak>a</Speak></Response>', /no verb <Speak>; there are <Connect>/],
    ['<Response><say>a</say></Response>', /it is written <Say>/],
    ['<Response><Enqueue/></Response>', /<Enqueue> is not carried out here/],
    ['<Response><Pause/><Reject/></Response>', /<Reject> is the first verb/],
    ['<Response><Say/></Response>', /needs text to say/],
    [`<Response><Say>${'a'.repeat(4_097)}</Say></Response>`, /more than 4096 characters/],
    ['<Response><Say loop="-1">a</Say></Response>', /loop of <Say> is a whole number from 0 to 1000/],
    ['<Response><Play/></Response>', /The text of <Play> is an absolute http/],
    ['<Response><Play>ftp://a/b</Play></Response>', /The text of <Play> is an absolute http/],
    ['<Response><Play>https://u:p@a.example.com/b</Play></Response>', /without credentials/],
    ['<Response><Play><Say>a</Say></Play></Response>', /<Play> cannot have <Say> inside; it can have nothing/],
    ['<Response><Play digits="5x"/></Response>', /digits of <Play> is 1 to 32 of/],
    ['<Response><Play digits="5">https://a.example.com/b</Play></Response>', /a URL and digits/],
    ['<Response><Pause length="0"/></Response>', /length of <Pause> is a whole number from 1 to 14400/],
    ['<Response><Pause length="1.5"/></Response>', /length of <Pause>/],
    ['<Response><Pause>a</Pause></Response>', /<Pause> has text inside/],
    ['<Response><Redirect/></Response>', /The text of <Redirect> is an absolute/],
    ['<Response><Redirect method="PUT">/a</Redirect></Response>', /method of <Redirect> is one of GET, POST/],
    ['<Response><Reject reason="no"/></Response>', /reason of <Reject> is one of rejected, busy/],
    ['<Response><Dial/></Response>', /needs a number/],
    ['<Response><Dial>5005550001</Dial></Response>', /The text of <Dial> is a number in E.164/],
    ['<Response><Dial><Number>1-500</Number></Dial></Response>', /The text of <Number> is a number in E.164/],
    ['<Response><Dial>+15005550001<Sip>sip:a@b.example.com</Sip></Dial></Response>', /a number and elements/],
    ['<Response><Dial><Client>jenny</Client></Dial></Response>', /cannot have <Client> inside; it can have <Number>/],
    ['<Response><Dial><Sip>pbx.example.com</Sip></Dial></Response>', /is a SIP URI/],
    ['<Response><Dial><Sip username="u">sip:a@b.example.com</Sip></Dial></Response>', /both or neither/],
    ['<Response><Dial><Conference/></Dial></Response>', /needs a name/],
    ['<Response><Dial><Conference>a</Conference><Number>+15005550001</Number></Dial></Response>', /nothing besides/],
    [`<Response><Dial>${'<Number>+15005550001</Number>'.repeat(11)}</Dial></Response>`, /1 to 10 of <Number>/],
    ['<Response><Dial timeout="601">+15005550001</Dial></Response>', /timeout of <Dial>/],
    ['<Response><Dial callerId="me">+15005550001</Dial></Response>', /callerId of <Dial> is a number/],
    ['<Response><Dial record="true">+15005550001</Dial></Response>', /record of <Dial> is one of/],
    ['<Response><Gather input="voice"/></Response>', /input of <Gather> is dtmf, speech or both/],
    ['<Response><Gather input=""/></Response>', /input of <Gather>/],
    // The stock Python package writes a list so.
    [`<Response><Gather input="['dtmf', 'speech']"/></Response>`, /dtmf, speech or both, with a space between/],
    ['<Response><Gather numDigits="0"/></Response>', /numDigits of <Gather>/],
    ['<Response><Gather finishOnKey="ab"/></Response>', /finishOnKey of <Gather>/],
    ['<Response><Gather speechTimeout="0"/></Response>', /speechTimeout of <Gather> is auto/],
    ['<Response><Gather><Dial>+15005550001</Dial></Gather></Response>', /<Gather> cannot have <Dial> inside/],
    ['<Response><Record trim="yes"/></Response>', /trim of <Record>/],
    ['<Response><Connect/></Response>', /needs one <Stream> or one/],
    ['<Response><Connect><Stream/></Connect></Response>', /<Stream> needs the attribute url/],
    ['<Response><Connect><Stream url="ws://agent.example.com/"/></Connect></Response>', /is a wss URL/],
    ['<Response><Connect><Stream url="https://agent.example.com/"/></Connect></Response>', /is a wss URL/],
    [
      '<Response><Connect><Stream url="wss://a.example.com/" track="both_tracks"/></Connect></Response>',
      /track of <Stream>/,
    ],
    [
      '<Response><Connect><Stream url="wss://a.example.com/"><Parameter value="v"/></Stream></Connect></Response>',
      /<Parameter> needs the attribute name/,
    ],
    [
      '<Response><Connect><Stream url="wss://a.example.com/"><Parameter name="a"/><Parameter name="a"/></Stream></Connect></Response>',
      /two of <Parameter>/,
    ],
    [
      '<Response><Connect><Stream url="wss://a.example.com/"/><Stream url="wss://a.example.com/"/></Connect></Response>',
      /needs one <Stream>/,
    ],
    [
      '<Response><Connect><ConversationRelay url="wss://a.example.com/" interruptible="maybe"/></Connect></Response>',
      /interruptible of <ConversationRelay> is one of none/,
    ],
    [
      '<Response><Connect><ConversationRelay url="wss://a.example.com/"><Language/></ConversationRelay></Connect></Response>',
      /<Language> needs the attribute code/,
    ],
  ])('is refused: %s', (twiml, fault) => {
    expect(faultsOf(twiml)).toContainEqual(expect.stringMatching(fault));
  });

  it('reports every fault with its place', () => {
    const result = readTwiml('<Response>\n<Pause length="x"/>\n<Spek/>\n<Dial/></Response>', null);
    expect(result).toMatchObject({ faults: [{ line: 2 }, { line: 3 }, { line: 4 }] });
  });

  it('has no relative URLs if it came in a request', () => {
    expect(faultsOf('<Response><Play>/a.wav</Play></Response>', null)).toEqual([
      expect.stringMatching(/without a URL of its own has no relative ones/),
    ]);
  });

  it.each<[twiml: string, warning: RegExp]>([
    ['<Say colour="red">a</Say>', /attribute colour of <Say> has no effect/],
    ['<Say>a <break time="1s"/> b</Say>', /<break> in <Say> has no effect/],
    ['<Hangup/><Say>a</Say>', /never reached/],
    ['<Connect><Stream url="wss://a.example.com/ws?k=v"/></Connect>', /query in url of <Stream> has no effect/],
    ['<Dial recordingStatusCallback="/r">+15005550001</Dial>', /recordingStatusCallback of <Dial> has no effect/],
    [
      '<Dial><Number statusCallback="/s" statusCallbackEvent="busy completed">+15005550001</Number></Dial>',
      /no event busy/,
    ],
  ])('reports what has no effect: %s', (twiml, warning) => {
    expect(warningsOf(twiml)).toEqual([expect.stringMatching(warning)]);
  });

  it('is bounded in length, depth and number of elements', () => {
    expect(faultsOf(`<Response><!--${'x'.repeat(twimlBytesMax)}--></Response>`)).toEqual([
      expect.stringMatching(/longer than 65536 bytes/),
    ]);
    expect(faultsOf(`${'<a>'.repeat(9_000)}${'</a>'.repeat(9_000)}`)).toEqual([
      expect.stringMatching(/nest deeper than 16/),
    ]);
    expect(faultsOf(`<Response>${'<Pause/>'.repeat(1_000)}</Response>`)).toEqual([
      expect.stringMatching(/more than 1000 elements/),
    ]);
  });

  it('is never an exception, whatever it is', () => {
    const part = fc.constantFrom(
      ...[
        '<Response>',
        '</Response>',
        '<Say>',
        '</Say>',
        '<Dial ',
        'timeout="5"',
        '>',
        '/>',
        '&amp;',
        '&x;',
        '<!--',
        '-->',
      ],
      ...[
        '<![CDATA[',
        ']]>',
        '<?xml version="1.0"?>',
        '+15005550001',
        '\ud800',
        '\u0000',
        '<Gather>',
        '</Gather>',
        '"',
        ' ',
      ],
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(part, fc.string()), { maxLength: 30 }), (parts) => {
        const result = readTwiml(parts.join(''), null);
        expect('program' in result || result.faults.length > 0).toBe(true);
      }),
    );
  });
});
