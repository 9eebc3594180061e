/** Reasons why parameters of calls are refused: the first is that of TwiML. */
export const notBeforeTwiml = 'the flow of a call is that of its voice app (ApplicationSid); TwiML is not run yet';
const noCallbacks = 'no status callback is sent; ask for the call';
export const unsupportedCallbacks = {
  StatusCallback: noCallbacks,
  StatusCallbackEvent: noCallbacks,
  StatusCallbackMethod: noCallbacks,
};
const noRecording = 'no call is recorded';
const noDetection = 'answering machines are not detected';
const noSip = 'calls go over the platform’s own trunks';
const noMeaning = 'it has no meaning here';

export const unsupportedOfNewCalls = {
  ...unsupportedCallbacks,
  Url: notBeforeTwiml,
  Twiml: notBeforeTwiml,
  Method: notBeforeTwiml,
  FallbackUrl: notBeforeTwiml,
  FallbackMethod: notBeforeTwiml,
  SendDigits: 'no digits are sent after the answer',
  TimeLimit: 'the length of a call is bounded by its money and the policy of its key',
  RecordingChannels: noRecording,
  RecordingTrack: noRecording,
  RecordingStatusCallback: noRecording,
  RecordingStatusCallbackMethod: noRecording,
  RecordingStatusCallbackEvent: noRecording,
  RecordingConfigurationId: noRecording,
  Trim: noRecording,
  MachineDetection: noDetection,
  MachineDetectionTimeout: noDetection,
  MachineDetectionSpeechThreshold: noDetection,
  MachineDetectionSpeechEndThreshold: noDetection,
  MachineDetectionSilenceTimeout: noDetection,
  AsyncAmd: noDetection,
  AsyncAmdStatusCallback: noDetection,
  AsyncAmdStatusCallbackMethod: noDetection,
  SipAuthUsername: noSip,
  SipAuthPassword: noSip,
  Byoc: noSip,
  CallerId: 'the caller number is From',
  CallReason: noMeaning,
  CallToken: noMeaning,
  Passports: noMeaning,
  ClientNotificationUrl: noMeaning,
};
