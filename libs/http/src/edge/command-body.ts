import type { CommandFields } from '@ringfence/wire/commands/command-field';
import type { PublicCommand } from '@ringfence/wire/commands/public-command';
import { type CommandBody, type PublicCommandName, publicCommands } from '@ringfence/wire/public-commands';
import { BodyField } from './fields.js';
import { NoFields } from './no-fields.js';

type Routes = { readonly [Name in PublicCommandName]: (typeof publicCommands)[Name]['route']['path'] };
/** The parameter names in a path. */
type InPath<Path> = Path extends `${string}:${infer Rest}`
  ? Rest extends `${infer Field}/${infer More}`
    ? Field | InPath<More>
    : Rest
  : never;
/** A command's body over HTTP, without the fields in the path. */
type HttpBody<Name extends PublicCommandName> = Omit<CommandBody<Name>, InPath<Routes[Name]>>;

type BodyClass<Body> = new () => Body;

/**
 * The class by which a command's HTTP body is validated and described, derived from the definition. To be extended,
 * because OpenAPI names the body after the class.
 * @param base a body whose fields come first in the description; the command has them too
 */
export function commandBody<Name extends PublicCommandName>(
  name: Name,
  base: BodyClass<object> = class {},
): BodyClass<HttpBody<Name>> {
  const { fields, route }: PublicCommand = publicCommands[name];
  const described = class extends base {};
  for (const [field, rules] of Object.entries(bodyFields(fields, route.path)))
    BodyField(rules)(described.prototype, field);
  // Each field is checked before it is read.
  return described as BodyClass<HttpBody<Name>>;
}

/** The name of a command's body in OpenAPI. */
export function bodySchemaOf(name: PublicCommandName): string {
  const { fields, route, commandType }: PublicCommand = publicCommands[name];
  if (Object.keys(bodyFields(fields, route.path)).length === 0) return NoFields.name;
  return schemaNames[name] ?? `${commandType}Body`;
}

/** Names older than the naming rule, kept because generated clients have types of these names. */
const schemaNames: Partial<Record<PublicCommandName, string>> = { change_key_policy: 'PolicyFields' };

/** The fields of a command that are not in the path. */
function bodyFields(fields: CommandFields, path: string): CommandFields {
  return Object.fromEntries(Object.entries(fields).filter(([name]) => !path.split('/').includes(`:${name}`)));
}
