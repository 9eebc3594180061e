import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { edgeProblem, type HttpProblem, rfc9457Body } from '../problem.js';
import { owedOn } from './connections.js';
import type { EdgeMetrics } from './ports.js';

/** Time for a client to read the last answer on its connection. */
const lingerMs = 500;

/**
 * Ends a connection after a request that no route could answer, with the reason as its answer. Answers to earlier
 * requests are sent first; a request that was answered before its body was complete gets no second answer.
 */
export function clientErrorHandler(
  headerBytesMax: number,
  metrics: Pick<EdgeMetrics, 'rejected'>,
): (error: Error & { code: string }, socket: Socket) => void {
  return (error, socket) => {
    const problem = problemOf(error.code, headerBytesMax);
    // The connection was opened ahead and never used: a client would take an answer for that of its next request.
    const nothingAsked = problem.code === 'request_timeout' && socket.bytesRead === 0;
    if (!nothingAsked) metrics.rejected(problem.code);
    const { incoming, answered, after } = owedOn(socket);
    const end = () => {
      // The request has arrived completely while an earlier answer was awaited, and gets its own answer.
      const late = incoming?.complete === true ? owedOn(socket).after : undefined;
      if (late !== undefined) late.once('close', () => socket.destroy(error));
      else if (!socket.writable || nothingAsked || answered) socket.destroy(error);
      else endWith(answerOf(problem, incoming?.url), socket);
    };
    if (after === undefined) end();
    else after.once('close', end);
  };
}

/**
 * Sends the last answer and closes later: a connection that is closed while data arrives is reset, and its client might
 * never read the answer.
 */
function endWith(answer: string, socket: Socket): void {
  socket.pause().end(answer);
  const closing = setTimeout(() => socket.destroy(), lingerMs);
  socket.once('close', () => {
    clearTimeout(closing);
  });
}

function problemOf(code: string, headerBytesMax: number): HttpProblem {
  switch (code) {
    case 'HPE_HEADER_OVERFLOW':
      return edgeProblem('headers_too_large', `headers have at most ${String(headerBytesMax)} bytes`);
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return edgeProblem('request_timeout', 'the request must arrive in time');
    default:
      return edgeProblem('bad_request', 'the request is not HTTP/1.1');
  }
}

function answerOf(problem: HttpProblem, url: string | undefined): string {
  const body = JSON.stringify(rfc9457Body(problem, url));
  const { status } = problem.kind;
  const head = [
    `HTTP/1.1 ${String(status)} ${STATUS_CODES[status] ?? ''}`,
    'content-type: application/problem+json',
    `content-length: ${String(Buffer.byteLength(body))}`,
    'connection: close',
  ];
  return `${head.join('\r\n')}\r\n\r\n${body}`;
}
