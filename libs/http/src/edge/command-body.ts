import type { CommandFields } from '@ringfence/wire/commands/command-field';
import type { PublicCommand } from '@ringfence/wire/commands/public-command';
import { type CommandBody, type PublicCommandName, publicCommands } from '@ringfence/wire/public-commands';
import { BodyField } from './fields.js';
import { NoFields } from './no-fields.js';

type Routes = { readonly [Name in PublicCommandName]: (typeof publicCommands)[Name]['route']['path'] };
/** The names after a colon in a path. */
type InPath<Path> = Path extends `${string}:${infer Rest}`
  ? Rest extends `${infer Field}/${infer More}`
    ? Field | InPath<More>
    : Rest
  : never;
/** A command's body over HTTP: what is in its path is not repeated in it. */
type HttpBody<Name extends PublicCommandName> = Omit<CommandBody<Name>, InPath<Routes[Name]>>;

type BodyClass<Body> = new () => Body;

/**
 * The class that a command's body over HTTP is checked and described by, made from its definition. Extend it: OpenAPI
 * calls the body as its class.
 * @param base a body whose fields are described first; the command has them too
 */
export function commandBody<Name extends PublicCommandName>(
  name: Name,
  base: BodyClass<object> = class {},
): BodyClass<HttpBody<Name>> {
  const { fields, route }: PublicCommand = publicCommands[name];
  const described = class extends base {};
  for (const [field, rules] of Object.entries(bodyFields(fields, route.path)))
    BodyField(rules)(described.prototype, field);
  // Each of its fields is checked before anybody reads it.
  return described as BodyClass<HttpBody<Name>>;
}

/** The name of a command's body in OpenAPI. */
export function bodySchemaOf(name: PublicCommandName): string {
  const { fields, route, commandType }: PublicCommand = publicCommands[name];
  if (Object.keys(bodyFields(fields, route.path)).length === 0) return NoFields.name;
  return schemaNames[name] ?? `${commandType}Body`;
}

/** Names from before there was one rule: generated clients have types of these names. */
const schemaNames: Partial<Record<PublicCommandName, string>> = { change_key_policy: 'PolicyFields' };

/** The fields that are not in the path. */
function bodyFields(fields: CommandFields, path: string): CommandFields {
  return Object.fromEntries(Object.entries(fields).filter(([name]) => !path.split('/').includes(`:${name}`)));
}
