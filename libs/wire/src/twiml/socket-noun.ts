import { TwimlAttributes } from './twiml-attributes.js';
import type { TwimlElement } from './twiml-document.js';
import type { TwimlReading } from './twiml-reading.js';

const socketUrl = /^(wss?):\/\/([A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(:\d{1,5})?(\/[^?#\s]*)?(\?[^#\s]*)?$/;
const socketUrlCharactersMax = 2_048;
const loopback = /^(?:localhost|127\.\d{1,3}\.\d{1,3}\.\d{1,3}|\[::1\])$/;
const parametersMax = 100;
const parameterCharactersMax = 500;

/** The URL of a WebSocket; a query is left out, because parameters are sent in the first message. */
export function readSocketUrl(noun: TwimlElement, attributes: TwimlAttributes, reading: TwimlReading): string {
  const written = attributes.required('url');
  if (written === '') return written;
  const [, scheme, host = '', port = '', path = '', query] = socketUrl.exec(written) ?? [];
  const secure = scheme === 'wss' || (scheme === 'ws' && loopback.test(host));
  if (!secure || written.length > socketUrlCharactersMax || !URL.canParse(written)) {
    const expectation = `is a wss URL of at most ${String(socketUrlCharactersMax)} characters without credentials`;
    reading.fault(noun, `url of <${noun.name}> ${expectation}; ws is for loopback alone.`);
    return written;
  }
  if (query !== undefined)
    reading.warn(noun, `The query in url of <${noun.name}> has no effect: <Parameter> passes values on.`);
  return `${scheme}://${host}${port}${path}`;
}

/** The parameters of a noun, with different names. */
export function readParameters(
  noun: TwimlElement,
  elements: readonly TwimlElement[],
  reading: TwimlReading,
): readonly { readonly name: string; readonly value: string }[] {
  if (elements.length > parametersMax)
    reading.fault(noun, `<${noun.name}> has more than ${String(parametersMax)} of <Parameter>.`);
  const names = new Set<string>();
  return elements.map((element) => {
    reading.containedIn(element, []);
    const attributes = new TwimlAttributes(element, reading);
    const name = attributes.required('name');
    const value = attributes.text('value') ?? '';
    attributes.done();
    if (names.has(name)) reading.fault(element, `<${noun.name}> has two of <Parameter> with the name ${name}.`);
    if (name.length + value.length > parameterCharactersMax)
      reading.fault(
        element,
        `name and value of <Parameter> have more than ${String(parameterCharactersMax)} characters.`,
      );
    names.add(name);
    return { name, value };
  });
}
