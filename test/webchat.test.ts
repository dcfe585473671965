// The web chat's routes against a hand-made desk: cookies, refusals, headers, the long poll, files, plan, demo clock.
// A person behind a bad net must lose nothing, and another site's page must be able to do nothing.

import { createHash, randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Hono } from 'hono';
import { describe, expect, it } from 'vitest';
import { type ChatOptions, chatRoutes } from '../src/web/chat.ts';
import { pageLanguage, readWebWords } from '../src/web/words.ts';
import { ScriptedDesk } from './scripteddesk.ts';

const words = readWebWords(join(import.meta.dirname, '..', 'content'));

function setUp(options: Partial<ChatOptions> = {}) {
  const desk = new ScriptedDesk((call) => [{ text: `svar på ${call.kind} ${call.what}` }]);
  const app = chatRoutes({ desk, words, secure: false, demo: null, ...options });
  const get = (path: string, headers: Record<string, string> = {}) => app.request(path, { headers });
  const post = (path: string, body: unknown, headers: Record<string, string> = {}) =>
    app.request(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
  const start = async () => {
    const answer = await post('/chat/start', { id: randomUUID(), invitation: null });
    expect(answer.status).toBe(204);
    return { cookie: (answer.headers.get('set-cookie') ?? '').split(';')[0] ?? '' };
  };
  return { desk, app, get, post, start };
}

const demoClock = (now = '2026-11-25T13:05:00Z') => {
  const steps: unknown[] = [];
  return {
    steps,
    now: async () => now,
    advance: async (step: unknown) => {
      steps.push(step);
      return { now: '2026-11-25T15:05:00Z' };
    },
  };
};

describe('starting', () => {
  it('gives a cookie that scripts and other sites never see, and the desk only its hash', async () => {
    const { desk, post } = setUp();
    const id = randomUUID();
    const answer = await post('/chat/start', { id, invitation: 'TOKEN' });
    const cookie = answer.headers.get('set-cookie') ?? '';
    expect(cookie).toMatch(/^chat=[\w-]{43}; Max-Age=34560000; Path=\/; HttpOnly; SameSite=Strict$/);
    const secret = cookie.slice('chat='.length, cookie.indexOf(';'));
    const session = createHash('sha256').update(secret).digest('hex');
    expect(desk.calls).toEqual([{ kind: 'open', session, id, what: 'TOKEN' }]);
  });

  it('binds the cookie to this host over HTTPS', async () => {
    const { post } = setUp({ secure: true });
    const answer = await post('/chat/start', { id: randomUUID(), invitation: null });
    expect(answer.headers.get('set-cookie')).toMatch(/^__Host-chat=[\w-]{43};.*; Secure;/);
    expect(answer.headers.get('strict-transport-security')).toMatch(/max-age=\d+/);
  });

  it('keeps the session of a browser that has one, and never takes a made-up one', async () => {
    const { desk, post, start } = setUp();
    const known = await start();
    const again = await post('/chat/start', { id: randomUUID(), invitation: null }, known);
    expect(again.headers.get('set-cookie')).toBeNull();
    expect(desk.calls[1]?.session).toBe(desk.calls[0]?.session);
    const madeUp = await post('/chat/start', { id: randomUUID(), invitation: null }, { cookie: 'chat=me' });
    expect(madeUp.headers.get('set-cookie')).toMatch(/^chat=/);
  });

  it('lets the cookie live on from each visit', async () => {
    const { get, start } = setUp();
    const known = await start();
    expect((await get('/chat', known)).headers.get('set-cookie')).toContain(
      `${known.cookie}; Max-Age=34560000`,
    );
    expect((await get('/chat')).headers.get('set-cookie')).toBeNull();
  });

  it('hands out the cookie beforehand, without telling the desk', async () => {
    const { desk, post } = setUp();
    const answer = await post('/chat/session', {});
    expect(answer.status).toBe(204);
    expect(answer.headers.get('set-cookie')).toMatch(/^chat=[\w-]{43};/);
    expect(desk.calls).toEqual([]);
  });

  it('forgets the browser when asked', async () => {
    const { post, start } = setUp();
    const answer = await post('/chat/forget', {}, await start());
    expect(answer.headers.get('set-cookie')).toMatch(/^chat=; Max-Age=0; Path=\//);
  });
});

describe('talking', () => {
  it('hands words and taps to the desk with their ids', async () => {
    const { desk, post, start } = setUp();
    const known = await start();
    const [one, two] = [randomUUID(), randomUUID()];
    expect((await post('/chat/say', { id: one, text: '  hei  ' }, known)).status).toBe(204);
    expect((await post('/chat/tap', { id: two, data: 'ja' }, known)).status).toBe(204);
    expect(desk.calls.slice(1)).toMatchObject([
      { kind: 'say', id: one, what: 'hei' },
      { kind: 'tap', id: two, what: 'ja' },
    ]);
  });

  it('sends whoever has no cookie back to the start', async () => {
    const { desk, get, post } = setUp();
    expect((await post('/chat/say', { id: randomUUID(), text: 'hei' })).status).toBe(401);
    expect((await post('/chat/tap', { id: randomUUID(), data: 'ja' })).status).toBe(401);
    expect((await get('/chat/messages')).status).toBe(401);
    expect((await get('/chat/plan')).status).toBe(401);
    expect(desk.calls).toEqual([]);
  });

  it('gives the messages after the one the page has', async () => {
    const { desk, get, start } = setUp();
    const known = await start();
    desk.send(desk.calls[0]!.session, { text: 'to' }, { text: 'tre', echo: 'Ja' });
    const answer = await get('/chat/messages?after=2', known);
    expect(await answer.json()).toEqual({
      messages: [{ seq: 3, at: expect.any(Number), text: 'tre', echo: 'Ja', buttons: [] }],
    });
  });

  it('waits for news, at most 25 seconds whatever the browser asks', async () => {
    const { desk, get, start } = setUp();
    const known = await start();
    const waits: number[] = [];
    desk.arrived = async (session, after, timeoutMs) => {
      waits.push(timeoutMs);
      desk.send(session, { text: `etter ${after}` });
    };
    const answer = await get('/chat/messages?after=1&wait=600', known);
    expect((await answer.json()).messages).toMatchObject([{ seq: 2, text: 'etter 1' }]);
    expect(waits).toEqual([25_000]);
    await get('/chat/messages?after=1&wait=20', known);
    expect(waits).toEqual([25_000]);
  });

  it.each(['after=-1', 'after=x', 'wait=-1', 'after=1.5'])('refuses ?%s', async (query) => {
    const { get, start } = setUp();
    expect((await get(`/chat/messages?${query}`, await start())).status).toBe(400);
  });
});

describe('what is refused', () => {
  const good = { id: randomUUID(), text: 'hei' };
  const paths = ['/chat/session', '/chat/forget', '/chat/start', '/chat/say', '/chat/tap', '/demo/advance'];

  it.each(paths)('%s: anything but JSON, too much, and other sites', async (path) => {
    const { desk, post, start } = setUp({ demo: demoClock() });
    const known = await start();
    const asText = await post(path, good, { ...known, 'content-type': 'text/plain' });
    expect(asText.status).toBe(415);
    const big = JSON.stringify({ text: 'x'.repeat(33 * 1024) });
    expect((await post(path, big, known)).status).toBe(413);
    for (const foreign of [
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site' },
      { origin: 'https://other.example' },
      { origin: 'null' },
      { 'sec-fetch-site': 'same-origin', origin: 'http://localhost.other.example' },
    ] as Record<string, string>[]) {
      expect((await post(path, good, { ...known, ...foreign })).status).toBe(403);
    }
    expect(desk.calls).toHaveLength(1);
  });

  it('lets the own page through', async () => {
    const { post, start } = setUp();
    const own = { ...(await start()), 'sec-fetch-site': 'same-origin', origin: 'http://localhost' };
    expect((await post('/chat/say', good, own)).status).toBe(204);
  });

  it.each([
    ['/chat/say', '{'],
    ['/chat/say', { id: 'one', text: 'hei' }],
    ['/chat/say', { id: randomUUID(), text: ' ' }],
    ['/chat/say', { id: randomUUID(), text: 'x'.repeat(2001) }],
    ['/chat/say', { ...good, more: 1 }],
    ['/chat/tap', { id: randomUUID() }],
    ['/chat/tap', { id: randomUUID(), data: 'x'.repeat(513) }],
    ['/chat/start', { id: randomUUID() }],
    ['/chat/start', { id: randomUUID(), invitation: 'x'.repeat(201) }],
  ])('%s: 400 that says what is expected for %j', async (path, body) => {
    const { desk, post, start } = setUp();
    const answer = await post(path, body, await start());
    expect(answer.status).toBe(400);
    expect((await answer.json()).error).toMatch(/Expected \{"id": "<UUID>"/);
    expect(desk.calls).toHaveLength(1);
  });

  it('never repeats what the person wrote', async () => {
    const { post, start } = setUp();
    const answer = await post('/chat/say', { id: 'hemmelig', text: 5, hei: 'hemmelig' }, await start());
    expect(await answer.text()).not.toContain('hemmelig');
  });
});

describe('trouble', () => {
  it('asks to come back when the store is down, in the reader’s language', async () => {
    const seen: unknown[] = [];
    const { desk, get, post, start } = setUp({ failed: (error) => seen.push(error) });
    const known = await start();
    desk.down = true;
    const answer = await post('/chat/say', { id: randomUUID(), text: 'hei' }, known);
    expect(answer.status).toBe(503);
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(await answer.json()).toEqual({ error: words.nb.busy });
    const english = await get('/chat/messages', { ...known, 'accept-language': 'en-GB' });
    expect(await english.json()).toEqual({ error: words.en.busy });
    expect(english.headers.get('content-security-policy')).toContain("default-src 'none'");
    const plan = await get('/chat/plan', { ...known, accept: 'text/html' });
    expect(plan.status).toBe(503);
    expect(await plan.text()).toContain(words.nb.busy);
    expect((await get('/chat')).status).toBe(200);
    expect(seen).toEqual([]);
  });

  it('gives the cookie even when a start fails, so that the next try is the same person', async () => {
    const { desk, post } = setUp();
    desk.down = true;
    const answer = await post('/chat/start', { id: randomUUID(), invitation: null });
    expect(answer.status).toBe(503);
    expect(answer.headers.get('set-cookie')).toMatch(/^chat=[\w-]{43};/);
  });

  it('shows nothing of an unexpected error, but reports it', async () => {
    const seen: unknown[] = [];
    const { desk, post, start } = setUp({ failed: (error) => seen.push(error) });
    const known = await start();
    const error = new Error('secret detail');
    desk.tap = () => Promise.reject(error);
    const answer = await post('/chat/tap', { id: randomUUID(), data: 'ja' }, known);
    expect(answer.status).toBe(500);
    expect(await answer.json()).toEqual({ error: words.nb.failed });
    expect(seen).toEqual([error]);
  });
});

describe('pages', () => {
  it('send strict headers, and no cache keeps them', async () => {
    const { get } = setUp();
    for (const path of ['/', '/chat', '/chat/away', '/chat/nothing', '/nothing', '/chat/messages']) {
      const answer = await get(path);
      expect(answer.headers.get('content-security-policy')).toBe(
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; " +
          "base-uri 'none'; frame-ancestors 'none'; form-action 'self'",
      );
      expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
      expect(answer.headers.get('referrer-policy')).toBe('no-referrer');
      expect(answer.headers.get('cache-control')).toBe('no-store');
      expect(answer.headers.get('strict-transport-security')).toBeNull();
    }
  });

  it('leave the other requests of the program alone', async () => {
    const { app } = setUp();
    const whole = new Hono().route('/', app).post('/hook', (c) => c.text('ok'));
    const answer = await whole.request('/hook', {
      method: 'POST',
      body: 'x'.repeat(40_000),
      headers: { origin: 'https://api.telegram.org' },
    });
    expect(answer.status).toBe(200);
  });

  it('have neutral titles, no inline script or style, and nothing from elsewhere', async () => {
    const { desk, get, start } = setUp({ demo: demoClock(), invitationLink: '/chat#i=prøve' });
    const known = await start();
    desk.printed = { language: 'nb', title: 'AA på torsdag', lines: ['kl. 19'] };
    const titles = { '/': 'Bli med', '/chat': 'Chat', '/chat/away': 'Notater', '/chat/plan': 'Chat' };
    for (const [path, title] of Object.entries(titles)) {
      const text = await (await get(path, known)).text();
      expect(text).toContain(`<title>${title}</title>`);
      expect(text).toContain('<html lang="nb">');
      expect(text).not.toMatch(/<style|\sstyle=|\son\w+=|(?:src|href)="(?:https?:)?\/\//);
      expect(text.match(/<script(?! type="application\/json")(?![^>]* src=)/)).toBeNull();
    }
    expect(await (await get('/')).text()).toContain('href="/chat#i=prøve"');
  });

  it('carry words that look like markup as data', async () => {
    const odd = '</script><b>';
    const { get } = setUp({ words: { ...words, en: { ...words.en, read: odd } } });
    const text = await (await get('/chat')).text();
    expect(text).not.toContain(odd);
    const data = /<script type="application\/json" id="settings">(.*?)<\/script>/.exec(text)?.[1] ?? '';
    expect(JSON.parse(data).words.en.read).toBe(odd);
  });

  it('follow the browser’s language', async () => {
    const { get } = setUp();
    expect(await (await get('/chat', { 'accept-language': 'en-US,en;q=0.9' })).text()).toContain(
      '<html lang="en">',
    );
    expect(pageLanguage('pl-PL,pl;q=0.9,en;q=0.8,nb;q=0.7')).toBe('en');
    expect(pageLanguage('nn-NO,nn;q=0.9,en;q=0.8')).toBe('nn');
    expect(pageLanguage('pl')).toBe('nb');
    expect(pageLanguage(undefined)).toBe('nb');
  });

  it('keep script and style small enough for a slow net, and cacheable', async () => {
    const { get } = setUp();
    const html = await (await get('/chat')).text();
    const paths = new Set(html.match(/\/chat\/assets\/[\w./]+/g));
    expect(paths.size).toBe(5);
    let total = 0;
    for (const path of paths) {
      const answer = await get(path);
      expect(answer.status).toBe(200);
      expect(answer.headers.get('cache-control')).toContain('immutable');
      total += (await answer.arrayBuffer()).byteLength;
    }
    expect(total).toBeLessThan(25_000);
    const old = await get('/chat/assets/000000000000/chat.css');
    expect(old.headers.get('cache-control')).toBe('no-cache');
    expect((await get('/chat/assets/000000000000/..%2fchat.ts')).status).toBe(404);
  });

  it('print the plan as the desk words it, escaped', async () => {
    const { desk, get, start } = setUp();
    const known = await start();
    expect((await get('/chat/plan', known)).status).toBe(404);
    desk.printed = { language: 'en', title: 'My plan', lines: ['Thursday', '<b>7 pm</b>'] };
    const text = await (await get('/chat/plan', known)).text();
    expect(text).toContain('<article lang="en">');
    expect(text).toContain('&lt;b&gt;7 pm&lt;/b&gt;');
    expect(text).toContain(words.nb.planPrint);
  });

  it('hand out a message’s file as a download, to its own session only', async () => {
    const { desk, get, start } = setUp();
    const known = await start();
    desk.files.set(1, {
      name: 'møte "1".ics',
      type: 'text/calendar; charset=utf-8',
      body: 'BEGIN:VCALENDAR',
    });
    const answer = await get('/chat/files/1', known);
    expect(answer.headers.get('content-disposition')).toBe(
      `attachment; filename="m_te _1_.ics"; filename*=UTF-8''m%C3%B8te%20%221%22.ics`,
    );
    expect(answer.headers.get('content-type')).toBe('text/calendar; charset=utf-8');
    expect(await answer.text()).toBe('BEGIN:VCALENDAR');
    expect((await get('/chat/files/2', known)).status).toBe(404);
    expect((await get('/chat/files/1')).status).toBe(404);
  });
});

describe('the demo clock', () => {
  it('is not there otherwise', async () => {
    const { get, post } = setUp();
    expect((await post('/demo/advance', { to: 'next' })).status).toBe(404);
    expect(await (await get('/chat')).text()).not.toContain('id="demo"');
  });

  it('moves on, also for curl, and shows its time with the messages', async () => {
    const demo = demoClock();
    const { get, post, start } = setUp({ demo });
    const answer = await post('/demo/advance', { to: 'next' });
    expect(await answer.json()).toEqual({ now: '2026-11-25T15:05:00Z' });
    await post('/demo/advance', { by: 'PT2H' });
    expect(demo.steps).toEqual([{ to: 'next' }, { by: 'PT2H' }]);
    const news = await (await get('/chat/messages', await start())).json();
    expect(news.now).toBe('2026-11-25T13:05:00Z');
    expect(await (await get('/')).text()).toContain(words.nb.demo);
  });

  it.each([
    {},
    { to: 'end' },
    { by: '2 hours' },
    { by: 'PT0S' },
    { by: '-PT2H' },
    { by: 'P2Y' },
    { by: 'PT99999999H' },
    { by: 'PT2H', to: 'next' },
    [],
  ])('says what it expects instead of %j', async (body) => {
    const demo = demoClock();
    const { post } = setUp({ demo });
    const answer = await post('/demo/advance', body);
    expect(answer.status).toBe(400);
    expect((await answer.json()).error).toContain('{"to": "next"} or {"by": "PT2H"}');
    expect(demo.steps).toEqual([]);
  });
});

describe('the words', () => {
  it('are refused with the file and every fault when some are missing', () => {
    const folder = mkdtempSync(join(tmpdir(), 'words-'));
    mkdirSync(join(folder, 'nb'));
    const file = join(folder, 'nb', 'web.yaml');
    writeFileSync(file, 'hello: Hei\ncharactersLeft: Tegn igjen\nextra: noe\n');
    const read = () => readWebWords(folder);
    for (const fault of [file, 'demoLater', 'must contain {n}', 'extra']) expect(read).toThrow(fault);
    rmSync(folder, { recursive: true });
  });
});
