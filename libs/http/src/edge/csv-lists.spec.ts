import 'reflect-metadata';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Controller, Get, Module, Req, UseInterceptors } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyRequest } from 'fastify';
import { API_SCHEMAS, CsvLists, ListOf } from './csv-lists.js';
import { amount, flag, listOf, object, page, ref, text } from './json-schema.js';

const schemas = {
  Item: object({ id: text, charge: object({ amount_micros: amount }), tags: listOf(text) }),
  ItemList: page(ref('Item')),
  LogPage: object({ data: listOf(ref('Item')), next: text, has_more: flag }),
};
const data = [
  { id: '=1+1', charge: { amount_micros: '-5' }, tags: ['a', 'b'] },
  { id: 'say "no", or\nnot', charge: { amount_micros: '7' }, tags: [] },
];

@Controller('lists')
@UseInterceptors(CsvLists)
class Lists {
  @Get('items')
  @ListOf('ItemList')
  items(): object {
    return { data, next_cursor: 'bmV4dA', previous_cursor: 'cHJldg', has_more: true };
  }

  @Get('none')
  @ListOf('ItemList')
  none(): object {
    return { data: [], next_cursor: null, previous_cursor: null, has_more: false };
  }

  @Get('log')
  @ListOf('LogPage')
  log(@Req() { url }: FastifyRequest): object {
    return { data, next: 'log:7', has_more: !url.includes('from=log') };
  }
}

@Module({ controllers: [Lists], providers: [CsvLists, { provide: API_SCHEMAS, useValue: schemas }] })
class ListsModule {}

describe('a list', () => {
  let app: NestFastifyApplication;
  beforeAll(async () => {
    app = await NestFactory.create<NestFastifyApplication>(ListsModule, new FastifyAdapter(), { logger: false });
    await app.init();
    await app.getHttpAdapter().getInstance().ready();
  });
  afterAll(async () => {
    await app.close();
  });
  const get = async (url: string, accept?: string) => {
    const answer = await app.inject({ method: 'GET', url, headers: accept === undefined ? {} : { accept } });
    return { status: answer.statusCode, headers: answer.headers, body: answer.body };
  };

  it('is CSV where that is asked for: the same rows under a header line, and no formula among them', async () => {
    const { status, headers, body } = await get('/lists/items', 'text/csv');
    expect({ status, type: headers['content-type'], vary: headers['vary'] }).toEqual({
      status: 200,
      type: 'text/csv; charset=utf-8; header=present',
      vary: 'accept',
    });
    expect(body).toBe(
      ['id,charge.amount_micros,tags', `'=1+1,-5,"[""a"",""b""]"`, `"say ""no"", or\nnot",7,[]`, ''].join('\r\n'),
    );
  });

  it('has the same columns when nothing is on it', async () => {
    const { headers, body } = await get('/lists/none', 'text/csv');
    expect([body, headers['link']]).toEqual(['id,charge.amount_micros,tags\r\n', undefined]);
  });

  it('leads to the pages beside it, and keeps what else was asked for', async () => {
    const { headers } = await get('/lists/items?limit=2&cursor_after=b2xk&state=ringing', 'text/csv');
    expect(headers['link']).toBe(
      '<?limit=2&state=ringing&cursor_after=bmV4dA>; rel="next", <?limit=2&state=ringing&cursor_before=cHJldg>; rel="prev"',
    );
    expect((await get('/lists/log?limit=2', 'text/csv')).headers['link']).toBe('<?limit=2&from=log%3A7>; rel="next"');
    expect((await get('/lists/log?from=log%3A7', 'text/csv')).headers['link']).toBeUndefined();
  });

  it('is JSON otherwise, as it always was', async () => {
    for (const accept of [undefined, '*/*', 'application/json', 'image/png']) {
      const { headers, body } = await get('/lists/items', accept);
      expect([headers['content-type'], headers['link'], headers['vary']]).toEqual([
        'application/json; charset=utf-8',
        undefined,
        'accept',
      ]);
      expect(JSON.parse(body)).toMatchObject({ data, has_more: true });
    }
  });
});
