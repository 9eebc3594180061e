import { describe, expect, it } from '@jest/globals';
import { epochMs, position } from '@ringfence/kernel/units';
import { exampleAppId } from '@ringfence/testing/examples';
import { exampleEvents } from '@ringfence/testing/example-events';
import { type DeliveredEnvelope, isDelivered, webhookBody } from './webhook-body.js';

const numbers = { values: { from: '+14155550100', to: null }, erased: ['to'] } as const;
const { CallPlaced: placed, CallExtended: extended, CallFailed: failed } = exampleEvents;
const envelope = { id: 'evt_1', stream: 'acc_1', decidedAtMs: epochMs(0), position: position(7) };
const recorded = (data: object) => ({ ...envelope, data }) as unknown as DeliveredEnvelope;

describe('the body of a webhook', () => {
  it('has in version 2026-06-01 id, type, version, call and data, and its number within the call', () => {
    expect(
      webhookBody(recorded(placed), numbers, { apiVersion: '2026-06-01', sequence: 0, appId: exampleAppId }),
    ).toMatchObject({
      id: 'evt_1',
      type: 'call.initiated',
      api_version: '2026-06-01',
      account_id: 'acc_1',
      call_id: placed.callId,
      occurred_at: '1970-01-01T00:00:00.000Z',
      sequence: 0,
      voice_app_id: exampleAppId,
      data: { from_number: '+14155550100', to_number: null, erased: ['to_number'], leg_id: placed.legId },
    });
  });

  it('has in version 2025-08-01 event, account, app and data with the call', () => {
    expect(
      webhookBody(recorded(failed), numbers, { apiVersion: '2025-08-01', sequence: 3, appId: exampleAppId }),
    ).toEqual({
      event: 'call.failed',
      account_id: 'acc_1',
      call_app_id: exampleAppId,
      data: {
        call_id: failed.callId,
        event_id: 'evt_1',
        occurred_at: '1970-01-01T00:00:00.000Z',
        sequence: 3,
        leg_id: failed.legId,
        key_id: failed.keyId,
        state: 'failed',
        reason: failed.cause,
      },
    });
  });

  it('is that of events of which Teler has a type', () => {
    expect(isDelivered(recorded(placed))).toBe(true);
    expect(isDelivered(recorded(extended))).toBe(false);
  });
});
