/** A route of the API below `/api/v1`. */
type Route = readonly [method: 'GET' | 'POST' | 'PATCH' | 'DELETE', path: string];

/**
 * The routes that the command line calls, by OpenAPI's operationId. api-coverage.spec.ts compares them with
 * docs/api/openapi.json: the build fails for a route that is neither here nor among the exceptions listed there.
 */
export const operations = {
  initiateCall: ['POST', '/voice/calls/initiate'],
  simulateInboundCall: ['POST', '/voice/sandbox/inbound-calls'],
  hangUpCall: ['POST', '/voice/calls/{call_id}/hangup'],
  muteLeg: ['POST', '/voice/calls/{call_id}/mute'],
  sendDigits: ['POST', '/voice/calls/{call_id}/dtmf'],
  playMedia: ['POST', '/voice/calls/{call_id}/play'],
  listCalls: ['GET', '/voice/calls'],
  getCall: ['GET', '/voice/calls/{call_id}'],
  streamCallEvents: ['GET', '/voice/calls/{call_id}/events/stream'],
  streamAccountCallEvents: ['GET', '/voice/calls/events/stream'],
  listLegs: ['GET', '/voice/calls/{call_id}/legs'],
  getCallAuthorization: ['GET', '/voice/calls/{call_id}/authorization'],
  openAccount: ['POST', '/accounts'],
  listAccounts: ['GET', '/accounts'],
  getAccount: ['GET', '/accounts/{account_id}'],
  verifyAccount: ['POST', '/accounts/{account_id}/verify'],
  suspendAccount: ['POST', '/accounts/{account_id}/suspend'],
  resumeAccount: ['POST', '/accounts/{account_id}/resume'],
  setAccountLimits: ['PATCH', '/accounts/{account_id}/limits'],
  changeTimeZone: ['POST', '/accounts/{account_id}/time-zone'],
  addCredit: ['POST', '/accounts/{account_id}/credit'],
  eraseSubject: ['POST', '/accounts/{account_id}/subjects/erase'],
  issueKey: ['POST', '/keys'],
  listKeys: ['GET', '/keys'],
  registerSigningKey: ['POST', '/signing-keys'],
  getKey: ['GET', '/keys/{key_id}'],
  rotateKey: ['POST', '/keys/{key_id}/rotate'],
  changeKeyPolicy: ['PATCH', '/keys/{key_id}/policy'],
  revokeKey: ['POST', '/keys/{key_id}/revoke'],
  getPlatformKeys: ['GET', '/platform-keys'],
  getUsage: ['GET', '/usage'],
  getRateCounters: ['GET', '/usage/rate-counters'],
  getLedger: ['GET', '/ledger'],
  listLedgerEntries: ['GET', '/ledger/entries'],
  getTrialBalance: ['GET', '/ledger/trial-balance'],
  listAuditEvents: ['GET', '/audit/events'],
  explainNumber: ['GET', '/numbers/{number}'],
  openNumberRange: ['POST', '/number-ranges'],
  listNumberRanges: ['GET', '/number-ranges'],
  addNumber: ['POST', '/inventory/numbers'],
  listInventory: ['GET', '/inventory/numbers'],
  withdrawNumber: ['POST', '/accounts/{account_id}/virtual-numbers/{number_id}/withdraw'],
  listVirtualNumbers: ['GET', '/virtual-numbers'],
  assignNumbers: ['POST', '/virtual-numbers/assign'],
  unassignNumbers: ['POST', '/virtual-numbers/unassign'],
  listAppNumbers: ['GET', '/voice/apps/{voice_app_id}/virtual-numbers'],
  listTrunkNumbers: ['GET', '/sip/trunks/{sip_trunk_id}/virtual-numbers'],
  renameNumber: ['PATCH', '/virtual-numbers/{number_id}'],
  getRate: ['GET', '/rates'],
  createVoiceApp: ['POST', '/voice/apps'],
  listVoiceApps: ['GET', '/voice/apps'],
  getVoiceApp: ['GET', '/voice/apps/{voice_app_id}'],
  changeVoiceApp: ['PATCH', '/voice/apps/{voice_app_id}'],
  deleteVoiceApp: ['DELETE', '/voice/apps/{voice_app_id}'],
  listEvents: ['GET', '/events'],
  getEvent: ['GET', '/events/{event_id}'],
  listDeliveryAttempts: ['GET', '/events/{event_id}/attempts'],
  redeliverEvent: ['POST', '/events/{event_id}/redeliver'],
  streamListener: ['GET', '/listener/stream'],
  createWebhookSecret: ['POST', '/secrets'],
  listWebhookSecrets: ['GET', '/secrets'],
  getWebhookSecret: ['GET', '/secrets/{secret_id}'],
  changeWebhookSecret: ['PATCH', '/secrets/{secret_id}'],
  deleteWebhookSecret: ['DELETE', '/secrets/{secret_id}'],
  createIpList: ['POST', '/sip/ip-acls'],
  listIpLists: ['GET', '/sip/ip-acls'],
  getIpList: ['GET', '/sip/ip-acls/{ip_acl_id}'],
  changeIpList: ['PATCH', '/sip/ip-acls/{ip_acl_id}'],
  deleteIpList: ['DELETE', '/sip/ip-acls/{ip_acl_id}'],
  createSipTrunk: ['POST', '/sip/trunks'],
  listSipTrunks: ['GET', '/sip/trunks'],
  getSipTrunk: ['GET', '/sip/trunks/{sip_trunk_id}'],
  changeSipTrunk: ['PATCH', '/sip/trunks/{sip_trunk_id}'],
  deleteSipTrunk: ['DELETE', '/sip/trunks/{sip_trunk_id}'],
} as const satisfies Readonly<Record<string, Route>>;
export type OperationId = keyof typeof operations;

type PathOf<Id extends OperationId> = (typeof operations)[Id][1];
type NamesIn<Path extends string> = Path extends `${string}{${infer Name}}${infer Rest}` ? Name | NamesIn<Rest> : never;
/** The parameters in the path of a route, by name. */
export type PathParameters<Id extends OperationId> = { readonly [Name in NamesIn<PathOf<Id>>]: string };

/** @throws RangeError when a parameter of the path is not given */
export function pathOf(id: OperationId, parameters: Readonly<Record<string, string>>): string {
  return operations[id][1].replaceAll(/\{(\w+)\}/g, (_, name: string) => {
    const value = parameters[name];
    if (value === undefined) throw new RangeError(`${id} needs ${name}`);
    return encodeURIComponent(value);
  });
}
