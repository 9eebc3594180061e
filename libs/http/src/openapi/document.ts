import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { OpenAPIObject } from '@nestjs/swagger';
import { invariant } from '@ringfence/kernel/invariant';
import { loadOpenApi } from '../edge/described.js';
import { release } from '../operations/release.js';
import { bodyExamples } from './body-examples.js';
import { componentSchemas } from './component-schemas.js';
import { documentOperation, responseComponents } from './operations.js';

const introduction = `Ringfence sits between an application that makes phone calls and the telephone network: every call stands or falls with the API key that asked for it.

The calls group answers the Teler API unchanged, errors included; everything beside it answers errors as RFC 9457 problems.
Money is a decimal string of micro-units. A position is an opaque token: an answer to a command carries one, and a read that names it in
\`min_position\` sees what the command did. Sandbox numbers are listed in docs/sandbox.md.`;

const tags: readonly (readonly [string, string])[] = [
  ['Calls', 'Place, watch and end calls. The Teler API.'],
  ['Accounts', 'Who pays: open, verify, suspend, credit; erase personal values.'],
  ['Keys', 'Issue API keys, register signing keys; rotate, change and revoke them.'],
  ['Usage', 'Calls, minutes and cost, stamped with the key.'],
  ['Ledger', 'Double entry, a book for each mode.'],
  ['Audit', 'The log itself, and who authorised a call.'],
  [
    'Numbers',
    'What the destination guard says of a number; ranges that operators have opened; the numbers that accounts have.',
  ],
  ['Rates', 'What calls would cost.'],
  ['Operations', 'Health and metrics of this process.'],
];

/** Builds the OpenAPI 3.1 document of every route from the controllers. */
export async function openApiDocument(app: NestFastifyApplication): Promise<OpenAPIObject> {
  const { DocumentBuilder, SwaggerModule } = await loadOpenApi();
  const builder = new DocumentBuilder()
    .setOpenAPIVersion('3.1.0')
    .setTitle('Ringfence')
    .setDescription(introduction)
    .setVersion(release)
    .setLicense('Apache-2.0', 'https://www.apache.org/licenses/LICENSE-2.0')
    .addServer('/', 'this server')
    .addApiKey({ type: 'apiKey', in: 'header', name: 'x-api-key' }, 'apiKey')
    .addBearerAuth({ type: 'http', scheme: 'bearer', description: 'The same key.' }, 'bearer');
  for (const [name, description] of tags) builder.addTag(name, description);
  const document = SwaggerModule.createDocument(app, builder.build());
  for (const [path, item] of Object.entries(document.paths)) {
    for (const method of ['get', 'post', 'patch', 'put', 'delete'] as const) {
      const operation = item[method];
      if (operation !== undefined) item[method] = documentOperation(path, operation);
    }
  }
  const schemas = { ...document.components?.schemas, ...componentSchemas };
  const named = JSON.stringify(document.paths);
  const responses = Object.entries(responseComponents).filter(([name]) => named.includes(`/responses/${name}"`));
  document.components = {
    ...document.components,
    schemas,
    responses: Object.fromEntries(responses) as never,
  };
  return withNullableFields(document);
}

/** Makes omissible body fields nullable: the Teler client leaves out what others send as null. */
function withNullableFields(document: OpenAPIObject): OpenAPIObject {
  for (const [name, schema] of Object.entries(document.components?.schemas ?? {})) {
    if (!/(Body|Fields)$/.test(name) || !('properties' in schema)) continue;
    const example = bodyExamples[name];
    invariant(example !== undefined, `${name} has an example`);
    Object.assign(schema, { additionalProperties: false, examples: [example] });
    const required = new Set(schema.required ?? []);
    for (const [field, described] of Object.entries(schema.properties ?? {})) {
      if (required.has(field)) continue;
      const { type } = described as { type?: unknown };
      if (typeof type === 'string') Object.assign(described, { type: [type, 'null'] });
      const { enum: values } = described as { enum?: readonly unknown[] };
      if (values !== undefined) Object.assign(described, { enum: [...values, null] });
    }
  }
  return document;
}
