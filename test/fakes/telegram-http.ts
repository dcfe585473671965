// The Bot API's wire format on the server's side: how parameters arrive (JSON, form, query) and how answers leave.
// It knows nothing about what a method does. A body that can't be read is refused, never guessed.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { badRequest, type Payload, type Refusal } from './telegram-rules.ts';

/** Reads the whole request. Rejects with a Refusal on a malformed body, and with the socket's error when it is cut off. */
export async function readPayload(request: IncomingMessage): Promise<Payload> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  const body = Buffer.concat(chunks);
  const query = Object.fromEntries(new URL(request.url ?? '/', 'http://fake').searchParams);
  return { ...query, ...(body.length > 0 ? parse(body, request.headers['content-type'] ?? '') : {}) };
}

function parse(body: Buffer, type: string): Payload {
  if (type.startsWith('application/json')) {
    const value = parseJson(body.toString());
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      throw badRequest("can't parse request as a JSON object");
    return value as Payload;
  }
  const boundary = /^multipart\/form-data;.*boundary="?([^";]+)/.exec(type)?.[1];
  if (boundary !== undefined) return parseForm(body, boundary);
  throw badRequest(`unsupported content type '${type}'`);
}

/**
 * A form's parts: strings, and files where a file name is given. Node's own reader refuses the headers grammY writes
 * (no space after the colon, file names without quotes), which Telegram accepts.
 */
function parseForm(body: Buffer, boundary: string): Payload {
  const payload: Record<string, unknown> = {};
  // latin1 keeps every byte as one character, so that files survive the splitting.
  const parts = `\r\n${body.toString('latin1')}`.split(`\r\n--${boundary}`);
  if (parts.pop()?.trim() !== '--') throw badRequest("can't parse the form");
  for (const part of parts.slice(1)) {
    const [head = '', ...rest] = part.split('\r\n\r\n');
    const content = Buffer.from(rest.join('\r\n\r\n'), 'latin1');
    const headers = Buffer.from(head, 'latin1').toString();
    const name = /;\s*name="?([^";\r\n]+)/.exec(headers)?.[1];
    const fileName = /;\s*filename="?([^"\r\n]+)/.exec(headers)?.[1];
    if (name === undefined) throw badRequest("can't parse the form");
    payload[name] = fileName === undefined ? content.toString() : new File([content], fileName);
  }
  return payload;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Answers `{ok: true, result}`. */
export function answer(response: ServerResponse, result: unknown): void {
  write(response, 200, { ok: true, result });
}

/** Answers `{ok: false}` with the refusal's status, and for 429 the wait in the body and as a header. */
export function refuse(response: ServerResponse, refusal: Refusal): void {
  const { code, message, retryAfter } = refusal;
  if (retryAfter !== undefined) response.setHeader('Retry-After', retryAfter);
  const parameters = retryAfter === undefined ? {} : { parameters: { retry_after: retryAfter } };
  write(response, code, { ok: false, error_code: code, description: message, ...parameters });
}

function write(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(body));
}
