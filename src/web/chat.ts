// The web chat over HTTP: the pages, the person's messages in, the conversation out, and in the demo the clock.
// It exists so that somebody with nothing but a browser can use the program; it knows people only as a hash of their
// cookie. It must never answer with internals, trust another site's request, or lose or double what a person sent.

import { createHash, randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { type Context, Hono } from 'hono';
import { compress } from 'hono/compress';
import { deleteCookie, getCookie, setCookie } from 'hono/cookie';
import * as z from 'zod';
import { StoreDown } from '../store/store.ts';
import { jsonOnly, ownSiteOnly, safeHeaders, smallOnly } from './guards.ts';
import { awayPage, chatPage, landingPage, messagePage, type PrintedPlan, planPage } from './pages.ts';
import { pageLanguage, type WebWords } from './words.ts';

/**
 * One message of the conversation. `seq` is 1 or more and goes up within a session; `at` is epoch milliseconds on the
 * program's clock; `echo` the label of the person's choice this message answers (never free text); `file` the name of
 * a file that belongs to it; `language` a BCP 47 tag.
 */
export type WebMessage = {
  seq: number;
  at: number;
  text: string;
  echo?: string;
  buttons: ({ label: string; data: string } | { label: string; url: string })[];
  file?: string;
  language?: string;
};

/** What the page needs from the program. Sessions are opaque keys derived from the cookie; any call may throw the store's StoreDown. */
export type ChatDesk = {
  /** Somebody opens the chat; `id` is the browser's event id, the same when it has to ask again. */
  open(session: string, id: string, invitation: string | null): Promise<void>;
  say(session: string, id: string, text: string): Promise<void>;
  tap(session: string, id: string, data: string): Promise<void>;
  /** Messages with a higher seq than `after`, ascending; none for an unknown session. */
  messages(session: string, after: number): Promise<WebMessage[]>;
  /** Resolves when there may be news after `after`, or after `timeoutMs`. */
  arrived(session: string, after: number, timeoutMs: number): Promise<void>;
  file(session: string, seq: number): Promise<{ name: string; type: string; body: string } | null>;
  plan(session: string): Promise<PrintedPlan | null>;
};

export type AdvanceStep = { to: 'next' } | { by: string };

/** The demo's clock; `now` is an ISO 8601 instant, `by` a positive ISO 8601 duration. */
export type DemoClock = {
  advance(step: AdvanceStep): Promise<{ now: string }>;
  now(): Promise<string>;
};

export type ChatOptions = {
  desk: ChatDesk;
  words: WebWords;
  /** Served over HTTPS: cookies become `__Host-`, and HSTS is sent. */
  secure: boolean;
  demo: DemoClock | null;
  /** Shown on the landing page when given: the way in for somebody trying the demo as an invited patient. */
  invitationLink?: string | undefined;
  /** The IANA zone that times are shown in. */
  zone?: string;
  /** Told of every unexpected error; the person only sees that something went wrong. */
  failed?: (error: unknown) => void;
};

const longestWaitSeconds = 25;
const cookieSeconds = 400 * 24 * 60 * 60;
const comeBackSeconds = 5;
const longestStep = Temporal.Duration.from({ days: 366 });

const id = z.uuid();
const startBody = z.strictObject({ id, invitation: z.string().min(1).max(200).nullable() });
const sayBody = z.strictObject({ id, text: z.string().trim().min(1).max(2000) });
const tapBody = z.strictObject({ id, data: z.string().min(1).max(512) });
const emptyBody = z.strictObject({});
const advanceBody = z.union([
  z.strictObject({ to: z.literal('next') }),
  z.strictObject({ by: z.string().refine(isStep) }),
]);
const pollQuery = z.object({
  after: z.coerce.number().int().min(0).default(0),
  wait: z.coerce.number().min(0).default(0),
});

function isStep(text: string): boolean {
  try {
    const step = Temporal.Duration.from(text);
    const from = Temporal.PlainDate.from('2024-01-01');
    return step.sign === 1 && Temporal.Duration.compare(step, longestStep, { relativeTo: from }) <= 0;
  } catch {
    return false;
  }
}

// A line of script that is all comment; a JSDoc cast before code is not.
const commentLine = /^\s*(?:\/\/.*|\/\*(?:(?!\*\/).)*(?:\*\/)?|\*.*)\n/gm;

type Assets = { version: string; files: Map<string, { type: string; body: string }> };

function readAssets(): Assets {
  const types: Record<string, string> = { '.js': 'text/javascript', '.css': 'text/css' };
  const folder = join(import.meta.dirname, 'assets');
  const files = new Map<string, { type: string; body: string }>();
  const hash = createHash('sha256');
  for (const name of readdirSync(folder).sort()) {
    const type = types[extname(name)];
    if (!type) continue;
    const source = readFileSync(join(folder, name), 'utf8');
    // A cheap phone need not fetch the scripts' comments.
    const body = type === types['.js'] ? source.replaceAll(commentLine, '') : source;
    hash.update(name).update(body);
    files.set(name, { type: `${type}; charset=utf-8`, body });
  }
  return { version: hash.digest('hex').slice(0, 12), files };
}

/** RFC 6266: a plain name for old readers, the real one in UTF-8. */
function attachment(name: string): string {
  const plain = name.replaceAll(/[^\w. -]/g, '_');
  const exact = encodeURIComponent(name.toWellFormed()).replaceAll(
    /['()*]/g,
    (mark) => `%${mark.charCodeAt(0).toString(16)}`,
  );
  return `attachment; filename="${plain}"; filename*=UTF-8''${exact}`;
}

/**
 * The chat's routes, with their full paths: `/`, all under `/chat`, and `/demo/advance`. Ask them last: what is left over
 * gets the page that says there is no such page.
 * @throws when a script or style of the page can't be read
 */
export function chatRoutes(options: ChatOptions): Hono {
  const { desk, words, secure, demo, invitationLink, zone = 'Europe/Oslo', failed = () => {} } = options;
  const assets = readAssets();
  const cookieName = secure ? '__Host-chat' : 'chat';
  const app = new Hono();

  const setting = (c: Context) => ({
    words,
    language: pageLanguage(c.req.header('accept-language')),
    assets: `/chat/assets/${assets.version}`,
    demo: demo !== null,
    zone,
  });

  const sessionKey = (secret: string) => createHash('sha256').update(secret).digest('hex');
  const secretOf = (c: Context) => {
    const secret = getCookie(c, cookieName);
    return secret && /^[\w-]{43}$/.test(secret) ? secret : null;
  };
  const sessionOf = (c: Context) => {
    const secret = secretOf(c);
    return secret && sessionKey(secret);
  };
  const keep = (c: Context, secret: string) =>
    setCookie(c, cookieName, secret, {
      path: '/',
      httpOnly: true,
      sameSite: 'Strict',
      secure,
      maxAge: cookieSeconds,
    });
  const sessionOrNew = (c: Context) => {
    const known = secretOf(c);
    const secret = known ?? randomBytes(32).toString('base64url');
    if (!known) keep(c, secret);
    return sessionKey(secret);
  };
  const noSession = (c: Context) => c.json({ error: 'No conversation here: POST /chat/start first.' }, 401);
  const notFound = (c: Context) => c.html(messagePage(setting(c), 'notFound'), 404);

  /** The checked body, or the answer that says what is wrong with it and what is expected. */
  async function bodyOf<T>(c: Context, schema: z.ZodType<T>, expected: string): Promise<T | Response> {
    const given: unknown = await c.req.json().catch(() => undefined);
    const result = schema.safeParse(given);
    if (result.success) return result.data;
    const faults = result.error.issues.map((issue) => `${issue.path.join('.') || 'body'}: ${issue.message}`);
    return c.json({ error: `${faults.join('; ')}. Expected ${expected}` }, 400);
  }

  app.notFound(notFound);
  app.onError((error, c) => {
    const down = error instanceof StoreDown;
    if (!down) failed(error);
    if (down) c.header('retry-after', String(comeBackSeconds));
    const key = down ? 'busy' : 'failed';
    const status = down ? 503 : 500;
    const { language } = setting(c);
    if (c.req.header('accept')?.includes('text/html')) return c.html(messagePage(setting(c), key), status);
    return c.json({ error: words[language][key] }, status);
  });

  app.use(...safeHeaders(secure));
  for (const path of ['/chat', '/chat/assets/*']) app.use(path, compress());
  for (const path of ['/chat/*', '/demo/advance']) app.post(path, ownSiteOnly, jsonOnly, smallOnly);

  app.get('/', (c) => c.html(landingPage(setting(c), invitationLink)));
  app.get('/chat', (c) => {
    const known = secretOf(c);
    if (known) keep(c, known);
    return c.html(chatPage(setting(c)));
  });
  app.get('/chat/away', (c) => c.html(awayPage(setting(c))));

  app.get('/chat/assets/:version/:name', (c) => {
    const file = assets.files.get(c.req.param('name'));
    if (!file) return notFound(c);
    const current = c.req.param('version') === assets.version;
    c.header('cache-control', current ? 'public, max-age=31536000, immutable' : 'no-cache');
    return c.body(file.body, 200, { 'content-type': file.type });
  });

  // The browser asks for its cookie before it starts: were the answer to a start lost together with the cookie,
  // the second try would come as a stranger, and what the first one began would belong to nobody.
  app.post('/chat/session', async (c) => {
    const body = await bodyOf(c, emptyBody, '{}');
    if (body instanceof Response) return body;
    sessionOrNew(c);
    return c.body(null, 204);
  });

  app.post('/chat/forget', async (c) => {
    const body = await bodyOf(c, emptyBody, '{}');
    if (body instanceof Response) return body;
    deleteCookie(c, cookieName, { path: '/', secure, httpOnly: true, sameSite: 'Strict' });
    return c.body(null, 204);
  });

  app.post('/chat/start', async (c) => {
    const body = await bodyOf(c, startBody, '{"id": "<UUID>", "invitation": "<token>" or null}');
    if (body instanceof Response) return body;
    await desk.open(sessionOrNew(c), body.id, body.invitation);
    return c.body(null, 204);
  });

  app.post('/chat/say', async (c) => {
    const session = sessionOf(c);
    if (!session) return noSession(c);
    const body = await bodyOf(c, sayBody, '{"id": "<UUID>", "text": "<1 to 2000 characters>"}');
    if (body instanceof Response) return body;
    await desk.say(session, body.id, body.text);
    return c.body(null, 204);
  });

  app.post('/chat/tap', async (c) => {
    const session = sessionOf(c);
    if (!session) return noSession(c);
    const body = await bodyOf(c, tapBody, '{"id": "<UUID>", "data": "<as the button has it>"}');
    if (body instanceof Response) return body;
    await desk.tap(session, body.id, body.data);
    return c.body(null, 204);
  });

  app.get('/chat/messages', async (c) => {
    const session = sessionOf(c);
    if (!session) return noSession(c);
    const query = pollQuery.safeParse(c.req.query());
    if (!query.success)
      return c.json({ error: 'Expected ?after=<seq, 0 or more>&wait=<seconds, 0 or more>' }, 400);
    const { after } = query.data;
    const wait = Math.min(query.data.wait, longestWaitSeconds);
    let messages = await desk.messages(session, after);
    if (messages.length === 0 && wait > 0) {
      await desk.arrived(session, after, wait * 1000);
      messages = await desk.messages(session, after);
    }
    return c.json(demo ? { messages, now: await demo.now() } : { messages });
  });

  app.get('/chat/files/:seq{[0-9]+}', async (c) => {
    const session = sessionOf(c);
    const file = session && (await desk.file(session, Number(c.req.param('seq'))));
    if (!file) return notFound(c);
    return c.body(file.body, 200, {
      'content-type': file.type,
      'content-disposition': attachment(file.name),
    });
  });

  app.get('/chat/plan', async (c) => {
    const session = sessionOf(c);
    if (!session) return c.html(messagePage(setting(c), 'planClosed'), 401);
    const plan = await desk.plan(session);
    if (!plan) return c.html(messagePage(setting(c), 'planNone'), 404);
    return c.html(planPage(setting(c), plan));
  });

  if (demo)
    app.post('/demo/advance', async (c) => {
      const expected = '{"to": "next"} or {"by": "PT2H"} (an ISO 8601 duration over zero, at most 366 days)';
      const body = await bodyOf(c, advanceBody, expected);
      return body instanceof Response ? body : c.json(await demo.advance(body));
    });

  return app;
}
