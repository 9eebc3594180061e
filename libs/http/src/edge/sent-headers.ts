import type { IncomingMessage } from 'node:http';

/** Counts how often a header was sent; Node joins repeated values or keeps the first. @param name lower case */
export function timesSent({ rawHeaders }: Pick<IncomingMessage, 'rawHeaders'>, name: string): number {
  let times = 0;
  for (let at = 0; at < rawHeaders.length; at += 2)
    if (rawHeaders[at]?.length === name.length && rawHeaders[at]?.toLowerCase() === name) times += 1;
  return times;
}
