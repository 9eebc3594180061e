/** User and password of `Authorization: Basic` (RFC 7617). */
type BasicCredentials = { readonly user: string; readonly password: string };

const basic = /^basic +([A-Za-z0-9+/=]{1,2000})$/i;

/** undefined: the header is missing, or is no Basic authentication. */
export function basicCredentials(authorization: string | undefined): BasicCredentials | undefined {
  const [, encoded] = basic.exec(authorization ?? '') ?? [];
  if (encoded === undefined) return undefined;
  const text = Buffer.from(encoded, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  return colon === -1 ? undefined : { user: text.slice(0, colon), password: text.slice(colon + 1) };
}
