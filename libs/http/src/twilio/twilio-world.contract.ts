import { type AccountId, parseKeyId, parseVoiceAppId, platformStream, type VoiceAppId } from '@ringfence/kernel/ids';
import { invariant } from '@ringfence/kernel/invariant';
import { sidOf } from '@ringfence/wire/twilio/twilio-sid';
import { type IssuedKey, type RouteAnswer, type RouteWorld, sandboxApp } from '../route-world.contract.js';

type Method = 'GET' | 'POST' | 'DELETE';
type Sent = {
  readonly form?: Readonly<Record<string, string>> | readonly (readonly [string, string])[];
  readonly headers?: Readonly<Record<string, string>>;
  readonly text?: string;
};

export const ringing = { To: '+15005550006', From: '+15005550100' } as const;

/** A program that speaks to Twilio's paths with a key of an account. */
export class TwilioWorld {
  private constructor(
    private readonly world: RouteWorld,
    readonly accountId: AccountId,
    readonly key: IssuedKey,
  ) {}

  static async start(world: RouteWorld, policy: object = {}): Promise<TwilioWorld> {
    const accountId = await world.account();
    return new TwilioWorld(world, accountId, await world.key(accountId, policy));
  }

  get accountSid(): string {
    return sidOf('acc', this.accountId);
  }

  get keySid(): string {
    const keyId = parseKeyId(this.key.id);
    invariant(keyId !== undefined, 'a key has an id');
    return sidOf('key', keyId);
  }

  /** @param path below the account */
  ask(method: Method, path: string, sent: Sent = {}, user = this.accountSid): Promise<RouteAnswer> {
    return this.askOf(this.accountSid, method, path, sent, user);
  }

  /** Asks below another account's path. */
  askOf(accountSid: string, method: Method, path: string, sent: Sent = {}, user = accountSid): Promise<RouteAnswer> {
    const { form, headers = {}, text } = sent;
    const body =
      text ?? (form === undefined ? undefined : new URLSearchParams(form as Record<string, string>).toString());
    const authorization = `Basic ${Buffer.from(`${user}:${this.key.secret}`).toString('base64')}`;
    // Below the API's root, and out of it again.
    return this.world.ask(method, `../../2010-04-01/Accounts/${accountSid}/${path}`, undefined, {
      key: null,
      ...(body === undefined ? {} : { text: body }),
      headers: { authorization, 'content-type': 'application/x-www-form-urlencoded', ...headers },
    });
  }

  /** Places a call with the app that the read models show; `more` overrides the parameters. */
  create(more: Readonly<Record<string, string>> = {}, headers: Readonly<Record<string, string>> = {}) {
    const application = { ApplicationSid: sidOf('va', this.app) };
    return this.ask('POST', 'Calls.json', { form: { ...ringing, ...application, ...more }, headers });
  }

  readonly app: VoiceAppId = exampleApp();

  /** Makes the read models show the app with the caller number. */
  async showApp(flowUrl = sandboxApp.flow_url): Promise<void> {
    const { vault, ids } = this.world.behind;
    const [flow, number] = await Promise.all([
      vault.seal(this.accountId, flowUrl),
      vault.seal(platformStream, ringing.From),
    ]);
    const of = { account_id: this.accountId, mode: 'test' };
    const sealedApp = ['name', 'flow_url', 'webhook_url'].flatMap((name): [string, string][] => [
      [`${name}_subject`, flow.subjectId],
      [`${name}_ciphertext`, flow.ciphertext],
    ]);
    const app: object = { ...of, app_id: this.app, created_position: '1', ...Object.fromEntries(sealedApp) };
    const own = { ...of, number_id: ids.numberId(), received_position: '1', assigned_to: this.app };
    const shown = { ...own, number_subject: number.subjectId, number_ciphertext: number.ciphertext, kind: 'sandbox' };
    this.world.behind.rowsOf = (sql, params) => {
      if (sql.includes('voice_apps.app')) return params.includes(this.app) ? [app] : [];
      return sql.includes('own_number') && params.includes(number.subjectId) ? [shown] : [];
    };
  }
}

function exampleApp(): VoiceAppId {
  const appId = parseVoiceAppId('va_01K9Z000000000000000000000');
  invariant(appId !== undefined, 'an id');
  return appId;
}
