import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { type DocsSite, docsSite, servedPaths } from './docs-site.js';
import { problemsHtml } from './problems-html.js';

const assets = join(dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json')));
const served: Readonly<Record<string, string>> = {
  'swagger-ui.css': 'text/css; charset=utf-8',
  'swagger-ui-bundle.js': 'text/javascript; charset=utf-8',
};

const policy =
  "default-src 'none'; style-src 'self' 'unsafe-inline'; script-src 'self'; img-src 'self' data:; connect-src 'self'; frame-ancestors 'none'";

/**
 * Serves the API's description for people and programs, all of it from this server. Every address in it is relative, so
 * that it works below any path prefix of a proxy.
 */
export function serveDocs(
  fastify: FastifyInstance,
  documents: Readonly<Record<'openapi' | 'asyncapi', () => Promise<object>>>,
): void {
  for (const [name, document] of Object.entries(documents)) {
    let text: Promise<string> | undefined;
    fastify.get(`/api/docs/${name}.json`, async (_request, reply) => {
      text ??= document().then((described) => JSON.stringify(described));
      return reply.header('content-type', 'application/json; charset=utf-8').send(await text);
    });
  }
  fastify.get('/', (_request, reply) => reply.code(302).header('location', 'api/docs').send());
  fastify.get('/api/docs/', (_request, reply) => reply.code(302).header('location', '../docs').send());
  fastify.get('/api/docs', (_request, reply) => asPage(reply).send(explorer));
  serveMarkdown(fastify);
  fastify.get('/api/docs/explorer.js', (_request, reply) =>
    reply.header('content-type', 'text/javascript; charset=utf-8').send(explorerScript),
  );
  for (const [name, contentType] of Object.entries(served)) {
    fastify.get(`/api/docs/${name}`, async (_request, reply) =>
      reply
        .header('content-type', contentType)
        .header('cache-control', 'public, max-age=86400')
        .send(await readFile(join(assets, name))),
    );
  }
}

/** Serves the pages as Markdown, and the pages about problems also as HTML, to which the types of problems link. */
function serveMarkdown(fastify: FastifyInstance): void {
  let site: DocsSite | undefined;
  let problems: string | undefined;
  const read = (): DocsSite => (site ??= docsSite());
  for (const path of servedPaths) {
    const contentType = path.endsWith('.md') ? 'text/markdown; charset=utf-8' : 'text/plain; charset=utf-8';
    fastify.get(`/api/docs/${path}`, (request, reply) =>
      sendCached(request, reply.header('content-type', contentType), read().files.get(path) ?? ''),
    );
  }
  fastify.get('/api/docs/problems', (request, reply) => {
    problems ??= problemsHtml(noIcon, read().problems);
    return sendCached(request, asPage(reply), problems);
  });
}

/** Sends a text that changes only with a release: clients may cache it for an hour, and get 304 if they have it. */
function sendCached(request: FastifyRequest, reply: FastifyReply, text: string): FastifyReply {
  const tag = `"${createHash('sha256').update(text).digest('base64url').slice(0, 22)}"`;
  void reply.header('cache-control', 'public, max-age=3600').header('etag', tag);
  return request.headers['if-none-match'] === tag ? reply.code(304).send() : reply.send(text);
}

function asPage(reply: FastifyReply): FastifyReply {
  return reply.header('content-type', 'text/html; charset=utf-8').header('content-security-policy', policy);
}

/**
 * Icon of no content: otherwise a browser requests `/favicon.ico` of the host, which is not ours below a proxy's path.
 */
const noIcon = '<link rel="icon" href="data:,">';

const explorer = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Ringfence API</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
${noIcon}
<link rel="stylesheet" href="docs/swagger-ui.css"></head>
<body><p style="font: 14px sans-serif; margin: 12px 20px">Beside this API:
<a href="docs/asyncapi.json">the topics on Kafka, as AsyncAPI 3</a> · <a href="docs/problems">problems</a> ·
<a href="docs/llms.txt">the documentation, as Markdown</a></p>
<div id="explorer"></div>
<script src="docs/swagger-ui-bundle.js"></script><script src="docs/explorer.js"></script></body></html>`;

const explorerScript = `SwaggerUIBundle({ url: 'docs/openapi.json', dom_id: '#explorer', deepLinking: true, persistAuthorization: false });`;
