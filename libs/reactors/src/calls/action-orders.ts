import { type FlowAction, type Prompt, withTexts } from '@ringfence/domain/flows/flow-action';
import type { SealedText } from '@ringfence/domain/shared/values';
import type { CallId, EventId } from '@ringfence/kernel/ids';
import type { SubjectVault } from '@ringfence/ports/vault/subject-vault';
import type { AnsweringCarrier } from './answering-carrier.js';
import type { Order } from './carrier-orders.js';

/**
 * The actions that events have the worker carry out, by the id of the event; null in place of a text that was erased.
 * @throws Failure `vault_unavailable` (retryable)
 */
export async function openedActions(
  events: readonly Order[],
  vault: Pick<SubjectVault, 'open'>,
): Promise<Map<EventId, FlowAction<string | null>>> {
  const sealed = events.flatMap((event) => {
    const action = actionOf(event);
    return action === undefined ? [] : [{ id: event.id, action }];
  });
  const texts: SealedText[] = [];
  for (const { action } of sealed) withTexts(action, (text) => texts.push(text));
  const opened = texts.length === 0 ? [] : await vault.open(texts);
  let at = 0;
  return new Map(sealed.map(({ id, action }) => [id, withTexts(action, () => opened[at++] ?? null)]));
}

/** The action that an event has the worker carry out; undefined: none. */
function actionOf({ data }: Order): FlowAction<SealedText> | undefined {
  if (data.type === 'CallPlaybackRequested')
    return { kind: 'play', mediaUrl: data.mediaUrl, timesPlayed: data.timesPlayed, next: null };
  if (data.type !== 'CallFlowReplied' && data.type !== 'CallActionStarted') return undefined;
  switch (data.action.kind) {
    case 'dial':
    case 'hangup':
    case 'redirect':
    case 'reject':
      // What follows from these is an event of its own.
      return undefined;
    case 'play':
    case 'say':
    case 'pause':
    case 'gather':
    case 'stream':
      return data.action;
  }
}

/** The order of an action to the carrier; undefined: it needs a text that was erased. */
export function beginningOf(
  of: { readonly callId: CallId; readonly step: number },
  action: FlowAction<string | null>,
  carrier: AnsweringCarrier,
): (() => Promise<void>) | undefined {
  switch (action.kind) {
    case 'play': {
      const file = clearPrompt(action);
      return file?.kind === 'play'
        ? () => carrier.play({ ...of, mediaUrl: file.mediaUrl, timesPlayed: file.timesPlayed })
        : undefined;
    }
    case 'say': {
      const said = clearPrompt(action);
      if (said?.kind !== 'say') return undefined;
      const { kind: _kind, ...speech } = said;
      return () => carrier.say({ ...of, ...speech });
    }
    case 'pause':
      return () => carrier.pause({ ...of, lengthMs: action.lengthMs });
    case 'gather': {
      const { timeoutMs, digitsMax, finishOnKey, bargeIn } = action;
      const prompts = action.prompts.map(clearPrompt).filter((prompt) => prompt !== undefined);
      if (prompts.length < action.prompts.length) return undefined;
      return () => carrier.gather({ ...of, prompts, timeoutMs, digitsMax, finishOnKey, bargeIn });
    }
    case 'stream': {
      const { wsUrl, sampleRate, chunkMs, protocol, name } = action;
      const parameters = action.parameters.flatMap((each) =>
        each.name === null || each.value === null ? [] : [{ name: each.name, value: each.value }],
      );
      if (wsUrl === null || parameters.length < action.parameters.length) return undefined;
      return () => carrier.stream({ ...of, wsUrl, sampleRate, chunkMs, protocol, name, parameters });
    }
    case 'dial':
    case 'hangup':
    case 'redirect':
    case 'reject':
      return undefined;
  }
}

function clearPrompt(prompt: Prompt<string | null>): Prompt<string> | undefined {
  switch (prompt.kind) {
    case 'play': {
      const { kind, mediaUrl, timesPlayed } = prompt;
      return mediaUrl === null ? undefined : { kind, mediaUrl, timesPlayed };
    }
    case 'say': {
      const { kind, text, voice, language, timesSpoken } = prompt;
      return text === null ? undefined : { kind, text, voice, language, timesSpoken };
    }
    case 'pause':
      return prompt;
  }
}
