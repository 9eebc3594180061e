import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { edgeProblem, type HttpProblem, rfc9457Body } from '../problem.js';

/** What a connection is told on which no request came that a route could answer; the connection ends with it. */
export function clientErrorHandler(headerBytesMax: number): (error: Error & { code: string }, socket: Socket) => void {
  return (error, socket) => {
    const problem = problemOf(error.code, headerBytesMax);
    // Opened ahead and never used: an answer that nobody asked for would be taken for that of the next request.
    const nothingAsked = problem.code === 'request_timeout' && socket.bytesRead === 0;
    if (socket.writable && !nothingAsked) socket.write(answerOf(problem));
    socket.destroy(error);
  };
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

function answerOf(problem: HttpProblem): string {
  const body = JSON.stringify(rfc9457Body(problem));
  const { status } = problem.kind;
  const head = [
    `HTTP/1.1 ${String(status)} ${STATUS_CODES[status] ?? ''}`,
    'content-type: application/problem+json',
    `content-length: ${String(Buffer.byteLength(body))}`,
    'connection: close',
  ];
  return `${head.join('\r\n')}\r\n\r\n${body}`;
}
