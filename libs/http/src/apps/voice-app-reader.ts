import { Inject, Injectable } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { parseVoiceAppId } from '@ringfence/kernel/ids';
import { FindVoiceApp } from '@ringfence/read-models/apps/voice-apps.handlers';
import type { VoiceAppRow } from '@ringfence/read-models/apps/voice-apps.queries';
import { CountAssignedNumbers } from '@ringfence/read-models/numbers/number.handlers';
import type { FastifyRequest } from 'fastify';
import { callerOf, ownerFor } from '../edge/access.js';
import { PersonalValues, ReadGate } from '../edge/reading.js';
import { edgeProblem } from '../problem.js';
import { SecretNames } from '../webhooks/secret-names.js';
import { appBody, appPersonalValues, type ShownApp } from './voice-app-body.js';

/** The read models that an app is shown from: the others have the names of secrets, and the numbers. */
export const appReadModels = ['voice_apps', 'webhook_secrets', 'numbers'] as const;

/** Finds apps that the caller may see, and renders them. */
@Injectable()
export class VoiceAppReader {
  constructor(
    @Inject(QueryBus) private readonly queries: QueryBus,
    @Inject(PersonalValues) private readonly personal: PersonalValues,
    @Inject(ReadGate) private readonly gate: ReadGate,
    @Inject(SecretNames) private readonly secretNames: SecretNames,
  ) {}

  /** @throws HttpProblem `not_found`, also for an app of another account or of the other mode; as `ReadGate.wait` */
  async read(request: FastifyRequest, idText: string, minPosition: string | null | undefined): Promise<object> {
    const owner = ownerFor(callerOf(request));
    const appId = parseVoiceAppId(idText);
    const find = async (): Promise<VoiceAppRow | undefined> =>
      appId && (await this.queries.execute(new FindVoiceApp(appId, owner)));
    const row = await this.gate.read(request, minPosition, appReadModels, find);
    if (row === undefined) throw edgeProblem('not_found', 'there is no such voice app');
    const [body = {}] = await this.bodies([row]);
    return body;
  }

  /** The body of an app that was created just now. @throws as `ReadGate.wait`, `bodies` */
  async created(request: FastifyRequest, app: ShownApp, numberCount: number): Promise<object> {
    // Its secret may have been created a moment ago.
    if (app.secretId !== null) await this.gate.wait(request, null, ['webhook_secrets']);
    const [body = {}] = await this.#rendered([app], new Map([[app.appId, numberCount]]));
    return body;
  }

  /** The body of an app after a change. @throws as `ReadGate.wait`, `bodies` */
  async changed(request: FastifyRequest, app: ShownApp): Promise<object> {
    await this.gate.wait(request, null, app.secretId === null ? ['numbers'] : ['numbers', 'webhook_secrets']);
    const [body = {}] = await this.bodies([app]);
    return body;
  }

  /** @throws Failure `vault_unavailable`, `database_unavailable` (retryable) */
  async bodies(apps: readonly ShownApp[]): Promise<readonly object[]> {
    return this.#rendered(apps, await this.queries.execute(new CountAssignedNumbers(apps.map(({ appId }) => appId))));
  }

  async #rendered(apps: readonly ShownApp[], numbers: ReadonlyMap<string, number>): Promise<readonly object[]> {
    const [opened, names] = await Promise.all([this.personal.open(apps, appPersonalValues), this.secretNames.of(apps)]);
    return apps.map((app, at) =>
      appBody(app, opened[at], {
        secretName: names.get(app.secretId) ?? null,
        numberCount: numbers.get(app.appId) ?? 0,
      }),
    );
  }
}
