/** Credentials of a client at a broker. */
export type Sasl = {
  readonly mechanism: (typeof saslMechanisms)[number];
  readonly username: string;
  readonly password: string;
};

const saslMechanisms = ['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512'] as const;

/** Reads `mechanism:user:password`; undefined: the text is not of that form. */
export function parseSasl(text: string): Sasl | undefined {
  const [name, username = '', ...rest] = text.split(':');
  const mechanism = saslMechanisms.find((known) => known === name);
  const password = rest.join(':');
  return mechanism === undefined || username === '' || password === '' ? undefined : { mechanism, username, password };
}
