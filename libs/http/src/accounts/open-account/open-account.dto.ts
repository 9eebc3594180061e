import { Text } from '../../edge/fields.js';

export class OpenAccountBody {
  @Text({
    says: 'The name of whoever pays; kept as a personal value.',
    example: 'Example GmbH',
    charactersMax: 200,
    required: true,
  })
  name!: string;

  @Text({ says: 'ISO 4217; never changes.', example: 'USD', charactersMax: 3, pattern: /^[A-Z]{3}$/, required: true })
  currency!: string;

  @Text({
    says: 'Where its data lives; never changes. Default: eu.',
    example: 'eu',
    charactersMax: 32,
    pattern: /^[a-z][a-z0-9-]{1,31}$/,
  })
  region?: string | null;

  @Text({
    says: 'IANA zone of its day boundaries; never changes. Default: UTC.',
    example: 'Europe/Berlin',
    charactersMax: 64,
    pattern: /^[A-Za-z][A-Za-z0-9_+/-]{1,63}$/,
  })
  time_zone?: string | null;
}
