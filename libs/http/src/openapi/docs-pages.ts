import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { edgeProblems, failureProblems, type ProblemKind, refusalProblems } from '../problem.js';

const assets = join(dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json')));
const served: Readonly<Record<string, string>> = {
  'swagger-ui.css': 'text/css; charset=utf-8',
  'swagger-ui-bundle.js': 'text/javascript; charset=utf-8',
};

const policy =
  "default-src 'none'; style-src 'self' 'unsafe-inline'; script-src 'self'; img-src 'self' data:; connect-src 'self'; frame-ancestors 'none'";

/**
 * The API's description for people and programs: everything comes from this server, nothing from anywhere else. Every address in it is relative,
 * so that it works below whatever path a proxy serves it at.
 */
export function serveDocs(
  fastify: FastifyInstance,
  documents: Readonly<Record<'openapi' | 'asyncapi', () => object>>,
): void {
  for (const [name, document] of Object.entries(documents)) {
    let text: string | undefined;
    fastify.get(`/api/docs/${name}.json`, (_request, reply) => {
      text ??= JSON.stringify(document());
      return reply.header('content-type', 'application/json; charset=utf-8').send(text);
    });
  }
  fastify.get('/', (_request, reply) => reply.code(302).header('location', 'api/docs').send());
  fastify.get('/api/docs/', (_request, reply) => reply.code(302).header('location', '../docs').send());
  fastify.get('/api/docs', (_request, reply) => sendPage(reply, explorer));
  fastify.get('/api/docs/problems', (_request, reply) => sendPage(reply, problemsPage()));
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

type Reply = { header(name: string, value: string): Reply; send(body: string): Reply };
function sendPage(reply: Reply, html: string): Reply {
  return reply.header('content-type', 'text/html; charset=utf-8').header('content-security-policy', policy).send(html);
}

/** A browser asks the host for `/favicon.ico` otherwise, which is somebody else's below a proxy's path prefix. */
const noIcon = '<link rel="icon" href="data:,">';

const explorer = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Ringfence API</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
${noIcon}
<link rel="stylesheet" href="docs/swagger-ui.css"></head>
<body><p style="font: 14px sans-serif; margin: 12px 20px">Beside this API:
<a href="docs/asyncapi.json">the topics on Kafka, as AsyncAPI 3</a> · <a href="docs/problems">problems</a></p>
<div id="explorer"></div>
<script src="docs/swagger-ui-bundle.js"></script><script src="docs/explorer.js"></script></body></html>`;

const explorerScript = `SwaggerUIBundle({ url: 'docs/openapi.json', dom_id: '#explorer', deepLinking: true, persistAuthorization: false });`;

/** Where the types of RFC 9457 problems point to. */
function problemsPage(): string {
  const kinds: Readonly<Record<string, ProblemKind>> = { ...failureProblems, ...refusalProblems, ...edgeProblems };
  const rows = Object.entries(kinds)
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(
      ([code, { status, title }]) =>
        `<tr id="${code}"><td><code>${code}</code></td><td>${String(status)}</td><td>${title}</td></tr>`,
    );
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Ringfence problems</title>
${noIcon}
<style>body{font-family:system-ui;max-width:60rem;margin:2rem auto}td{padding:.2rem 1rem}:target{background:#ffc}</style></head>
<body><h1>Problems</h1><p>Programs may rely on the code.</p><table><tr><th>code</th><th>status</th><th>what it says</th></tr>
${rows.join('\n')}</table></body></html>`;
}
