import type { CommandOutcome, CommandPayload } from '@ringfence/commands/command-dispatcher';
import { parseClientKey, type RequestIdentity } from '@ringfence/commands/request-identity';
import type { Mode } from '@ringfence/domain/shared/values';
import { type Refusal, refusalCatalogue, type RefusalCode } from '@ringfence/domain/refusals';
import type { AccountId, KeyId } from '@ringfence/kernel/ids';
import type { JsonObject } from '@ringfence/kernel/json';
import { position } from '@ringfence/kernel/units';
import type { Recording } from '@ringfence/testing/checkers/recording';

/** One command of one client: retried under the same id until its outcome is known. */
export type ClientOperation = {
  readonly commandType: CommandPayload['type'];
  readonly accountId: AccountId;
  /** The presented key; null: the operator's. */
  readonly keyId: KeyId | null;
  readonly secret: string;
  /** The key's mode; null: an operator's key. */
  readonly mode: Mode | null;
  readonly method: string;
  readonly path: string;
  readonly body: object;
  readonly idempotencyKey: string;
  /** Fields of the answer that must be the same each time. */
  readonly answerFields: readonly string[];
};

/** Answer to a command. `nothing`: it may have been carried out or not. */
export type CommandAnswer =
  | { readonly kind: 'outcome'; readonly outcome: CommandOutcome; readonly body: JsonObject }
  | { readonly kind: 'rejected'; readonly code: string }
  | { readonly kind: 'nothing'; readonly code: string };

/**
 * Pattern of answers that are neither an outcome nor a request to wait, and that no valid request gets. 404 is not
 * among them: read models that are behind do not find a key.
 */
const saysTooMuch = /^(?!401 |404 |408 )4\d\d /;
/** Longer than a command's deadline and the wait for its reply. */
const answerWithinMs = 8_000;

/** Sends requests to gateways over HTTP, and records all requests and answers in their real order. */
export class Asker {
  #asking = 0;
  /** Position below which all events are known to be in the log. */
  #head = 0;

  constructor(
    private readonly gateways: () => readonly string[],
    private readonly identity: RequestIdentity,
    private readonly recording: Recording,
  ) {}

  async ask(operation: ClientOperation, gateway: number): Promise<CommandAnswer> {
    const { commandType, accountId: stream, keyId, mode, idempotencyKey } = operation;
    this.#asking += 1;
    const asking = this.#asking;
    const clientKey = parseClientKey(idempotencyKey);
    if (clientKey === undefined) throw new Error(`${idempotencyKey} is no Idempotency-Key`);
    const commandId = this.identity.commandIdFor(stream, mode, clientKey);
    this.recording.note({ kind: 'asked', asking, stream, commandId, commandType, keyId, head: this.#head });
    const answer = await this.#request(operation, gateway);
    switch (answer.kind) {
      case 'outcome':
        this.#head = Math.max(this.#head, answer.outcome.position + 1);
        this.recording.note({ kind: 'answered', asking, stream, commandId, outcome: answer.outcome });
        break;
      case 'rejected':
        this.recording.note({ kind: 'rejected', gateway: String(gateway), code: answer.code, seen: 0 });
        break;
      case 'nothing':
        this.recording.note({ kind: 'unanswered', asking, commandId, code: answer.code });
        if (saysTooMuch.test(answer.code))
          this.recording.note({
            kind: 'broken',
            process: `gateway-${String(gateway + 1)}`,
            what: `${commandType} is ${answer.code}`,
          });
    }
    return answer;
  }

  async #request(operation: ClientOperation, gateway: number): Promise<CommandAnswer> {
    const { secret, method, path, body, idempotencyKey } = operation;
    try {
      const response = await fetch(`${this.gateways()[gateway] ?? ''}/api/v1${path}`, {
        method,
        headers: { 'x-api-key': secret, 'content-type': 'application/json', 'idempotency-key': idempotencyKey },
        body: JSON.stringify(body),
        signal: AbortSignal.timeout(answerWithinMs),
      });
      return readAnswer(operation, response, (await response.json()) as JsonObject);
    } catch (failure) {
      return { kind: 'nothing', code: failure instanceof Error ? failure.name : 'no_answer' };
    }
  }
}

function readAnswer({ answerFields }: ClientOperation, { status, headers }: Response, json: JsonObject): CommandAnswer {
  const body = 'data' in json && isObject(json['data']) ? json['data'] : json;
  const code = typeof body['code'] === 'string' ? body['code'] : '';
  const [, place] = /^log_[0-9A-Z]{26}:(\d+)$/.exec(headers.get('ringfence-position') ?? '') ?? [];
  const replayed = headers.get('idempotent-replayed') === 'true';
  if (place === undefined) return { kind: status === 401 ? 'rejected' : 'nothing', code: `${String(status)} ${code}` };
  const at = position(Number(place));
  if (status < 300) {
    const result = Object.fromEntries(answerFields.map((field) => [field, body[field] ?? null]));
    return { kind: 'outcome', outcome: { accepted: true, position: at, result, replayed }, body };
  }
  if (!isRefusalCode(code)) return { kind: 'nothing', code: `${String(status)} ${code}` };
  const refusal: Refusal = { code, detail: '' };
  return { kind: 'outcome', outcome: { accepted: false, position: at, refusal, replayed }, body };
}

function isRefusalCode(code: string): code is RefusalCode {
  return Object.hasOwn(refusalCatalogue, code);
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
