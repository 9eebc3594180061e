import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Parser } from '@asyncapi/parser';
import { describe, expect, it } from '@jest/globals';
import { emptyChain } from '@ringfence/wire/feed/feed-chain';
import { eventMessage, watermarkMessage } from '@ringfence/wire/feed/feed-record';
import { publishWatermarks } from '@ringfence/event-feed/relay/publication';
import { ceTypes } from '@ringfence/event-catalog/event-catalog';
import { decodeEvent } from '@ringfence/event-catalog/event-codec';
import type { EventId, LogId } from '@ringfence/kernel/ids';
import { type Epoch, type Lane, laneOf } from '@ringfence/kernel/lane';
import { epochMs, position } from '@ringfence/kernel/units';
import { topicPrefixDefault, topicsOf } from '@ringfence/wire/topics';
import { Ajv } from 'ajv';
import { format, resolveConfig } from 'prettier';
import { asyncApiDocument } from './document.js';

const published = fileURLToPath(new URL('../../../../docs/asyncapi.json', import.meta.url));
const golden = fileURLToPath(new URL('../../../event-catalog/golden/', import.meta.url));
const described = () => asyncApiDocument(topicsOf(topicPrefixDefault));

/**
 * Complaints of the parser, hints of style included, except this one: more tools read 3.0 than what came after it.
 */
const newerThere = 'asyncapi-latest-version';

async function diagnosticsOf(document: object): Promise<readonly string[]> {
  const diagnostics = await new Parser().validate(JSON.stringify(document));
  const reported = diagnostics.filter(({ code }) => code !== newerThere);
  return reported.map(({ code, message, path }) => `${String(code)} at ${path.join('.')}: ${message}`);
}

/** The parser holds no message against its schema. */
function complaintsAbout(schema: unknown, value: unknown): string | null {
  const checker = new Ajv({ strict: false, validateFormats: false });
  const { schemas } = described().components;
  const valid = checker.validate({ allOf: [schema], components: { schemas } }, value);
  return valid ? null : checker.errorsText();
}

const origin = { topic: 'ringfence.events', logId: 'log_01K9Z000000000000000000000' as LogId, epoch: 1 as Epoch };

function headersOf(bytes: Uint8Array): object {
  const { stream, version, subject } = decodeEvent(bytes);
  const { type } = JSON.parse(Buffer.from(bytes).toString()) as { readonly type: string };
  const event = { bytes, stream, version, subject, type, position: position(42) };
  const link = { position: position(41), id: decodeEvent(bytes).id };
  return eventMessage(origin, laneOf(stream, 64), link, event).message.headers;
}

describe('the AsyncAPI document', () => {
  it('is the published one: run with UPDATE_OPENAPI=1 to rewrite docs/asyncapi.json', async () => {
    const options = (await resolveConfig(published)) ?? {};
    const text = await format(JSON.stringify(described()), { ...options, parser: 'json' });
    if (process.env['UPDATE_OPENAPI'] === '1') writeFileSync(published, text);
    expect(readFileSync(published, 'utf8')).toBe(text);
  });

  it('is one to the parser of AsyncAPI', async () => {
    expect(await diagnosticsOf(described())).toEqual([]);
  });

  it('describes the five topics', () => {
    expect(Object.values(described().channels).map(({ address }) => address)).toEqual([
      'ringfence.events',
      'ringfence.commands',
      'ringfence.replies',
      'ringfence.watermarks',
      'ringfence.commands.dlq',
    ]);
  });

  it.each(Object.entries(ceTypes))('describes %s as it is written, and nothing besides', (name, ceType) => {
    const { messages } = described().components;
    const { payload, headers } = messages[name] ?? { payload: false, headers: false };
    const bytes = readFileSync(`${golden}${ceType}.json`);
    const written = JSON.parse(bytes.toString()) as { readonly data: object };
    expect(complaintsAbout(payload, written)).toBeNull();
    expect(complaintsAbout(payload, { ...written, data: { ...written.data, more: 1 } })).toMatch(
      /additional properties/,
    );
    expect(complaintsAbout(payload, { ...written, data: {} })).toMatch(/required/);
    expect(complaintsAbout(headers, headersOf(bytes))).toBeNull();
    expect(complaintsAbout(headers, { ...headersOf(bytes), ce_position: 'x' })).toMatch(/pattern/);
  });

  it('describes the watermark as it is written', () => {
    const { messages } = described().components;
    const { payload, headers } = messages['Watermark'] ?? { payload: false, headers: false };
    const message = watermarkMessage(origin, 0 as Lane, null, { head: position(7), timeMs: epochMs(1_000) });
    expect(complaintsAbout(payload, JSON.parse(Buffer.from(message.value).toString()))).toBeNull();
    expect(complaintsAbout(headers, message.headers)).toBeNull();
  });

  it('describes what is said of all partitions as it is written', () => {
    const { messages } = described().components;
    const { payload, headers } = messages['Watermarks'] ?? { payload: false, headers: false };
    const last = { position: position(6), id: `evt_${'0'.repeat(26)}` as EventId };
    const ends = [emptyChain, { through: position(7), last }];
    const message = publishWatermarks(origin, { next: position(7), ends }, epochMs(1_000));
    expect(complaintsAbout(payload, JSON.parse(Buffer.from(message.value).toString()))).toBeNull();
    expect(complaintsAbout(headers, message.headers)).toBeNull();
    expect(complaintsAbout(payload, { head: '7', ends: [['6']] })).not.toBeNull();
  });
});
