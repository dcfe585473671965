// The chat page in a real browser, as a phone and as a desktop, against a scripted desk. What counts is what the desk
// was told and what stands on the page; nothing may be lost, doubled, shown too early or left on a shared phone.

import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { serve } from '@hono/node-server';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type ChatOptions, chatRoutes } from '../src/web/chat.ts';
import { readWebWords } from '../src/web/words.ts';
import { desktop, launchBrowser, phone } from './browser.ts';
import { ScriptedDesk } from './scripteddesk.ts';

const words = readWebWords(join(import.meta.dirname, '..', 'content'));
const question = {
  text: 'Har du vært på møte før?',
  language: 'nb',
  buttons: [
    { label: 'Ja', data: 'yes' },
    { label: 'Nei, aldri', data: 'no' },
  ],
};

function newDesk() {
  return new ScriptedDesk(({ kind, what }) => {
    if (kind === 'open') return [{ text: 'Hei! Jeg er en maskin.', language: 'nb' }, question];
    if (what === 'no') return [{ text: 'Da er du ikke alene om det.', echo: 'Nei, aldri', language: 'nb' }];
    if (what === 'HELP') return [{ text: 'Call 113 if it is urgent.', language: 'en' }];
    return [{ text: 'Takk for at du sier det.', language: 'nb' }];
  });
}

describe('the chat page', () => {
  let browser: Browser;
  const closing: (() => Promise<unknown> | unknown)[] = [];

  beforeAll(async () => {
    browser = await launchBrowser();
  });
  afterAll(() => browser.close());
  afterEach(async () => {
    for (const close of closing.splice(0).reverse()) await close();
  });

  /** A page on a fresh device, a desk behind it, and everything that must stay empty: faults and foreign requests. */
  async function open(
    path = '/chat',
    device: BrowserContextOptions = phone,
    options: Partial<ChatOptions> = {},
  ) {
    const desk = newDesk();
    const app = chatRoutes({ desk, words, secure: false, demo: null, ...options });
    const server = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }) as Server;
    await new Promise((listening) => server.once('listening', listening));
    const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    closing.push(() => {
      server.close();
      server.closeAllConnections();
    });
    const context = await browser.newContext(device);
    closing.push(() => context.close());
    const page = await context.newPage();
    const wrong: string[] = [];
    page.on('pageerror', (error) => wrong.push(String(error)));
    page.on('console', (message) => {
      // A refused request (401, 503) is told on the console by the browser itself.
      const expected = message.text().startsWith('Failed to load resource');
      if (message.type() === 'error' && !expected) wrong.push(message.text());
    });
    page.on('request', (request) => {
      if (!request.url().startsWith(base) && !request.url().startsWith('data:')) wrong.push(request.url());
    });
    await page.goto(base + path);
    return { desk, context, page, base, wrong };
  }

  const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });
  const seen = (page: Page, text: string) => page.getByText(text, { exact: true }).first().waitFor();

  async function started(device?: BrowserContextOptions, options?: Partial<ChatOptions>) {
    const all = await open('/chat', device, options);
    await button(all.page, 'Start').click();
    await seen(all.page, question.text);
    return all;
  }

  /** Lets the page try again at once, as when the net comes back. */
  const backOnline = (page: Page) => page.evaluate(() => dispatchEvent(new Event('online')));

  async function write(page: Page, text: string) {
    await page.getByLabel('Skriv her').fill(text);
    await page.keyboard.press('Enter');
  }

  describe.each([
    ['phone', phone],
    ['desktop', desktop],
  ] as const)('on a %s', (_name, device) => {
    it('leads from the invitation through a conversation', async () => {
      const { desk, page, base, wrong } = await open('/chat#i=TOKEN', device);
      await seen(page, words.nb.startInvited);
      expect(page.url()).toBe(`${base}/chat`);
      expect(await page.title()).toBe('Chat');
      expect(desk.calls).toEqual([]);

      await button(page, 'Start').click();
      await seen(page, question.text);
      expect(desk.events).toMatchObject([{ kind: 'open', what: 'TOKEN' }]);

      await button(page, 'Nei, aldri').click();
      await seen(page, 'Da er du ikke alene om det.');
      expect(desk.events).toMatchObject([{}, { kind: 'tap', what: 'no' }]);
      expect(await page.locator('.own .bubble').allTextContents()).toEqual(['Du: Nei, aldri']);
      expect(await page.getByRole('button', { name: 'Ja' }).isDisabled()).toBe(true);
      const chosen = page.getByRole('button', { name: 'Nei, aldri (valgt)' });
      await chosen.click({ force: true });

      await write(page, 'Jeg gruer meg');
      await seen(page, 'Takk for at du sier det.');
      expect(desk.events.slice(2)).toMatchObject([{ kind: 'say', what: 'Jeg gruer meg' }]);

      await page.reload();
      await seen(page, 'Takk for at du sier det.');
      expect(await page.locator('.own .bubble').allTextContents()).toEqual(['Du: Nei, aldri']);
      await chosen.waitFor();
      expect(desk.events).toHaveLength(3);
      expect(wrong).toEqual([]);
    });

    it('fits the screen, with targets a thumb can hit', async () => {
      const { desk, page } = await started(device, {
        demo: { now: async () => '2026-11-25T13:05:00Z', advance: async () => ({ now: '' }) },
      });
      desk.send(desk.events[0]!.session, {
        text: `${'langtord'.repeat(20)} ${'mange ord '.repeat(60)}`,
        file: 'avtale.ics',
        buttons: [
          { label: 'En ganske lang tekst på en knapp som må gå over flere linjer på en telefon', data: 'x' },
          { label: 'Vis kart', url: 'https://example.org/' },
        ],
      });
      await seen(page, 'Vis kart');
      await page.locator('summary').click();
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      expect(wide).toBe(0);
      const targets = page.locator(
        'button:visible, a:visible:not(.footer a), summary:visible, textarea:visible',
      );
      expect(await targets.count()).toBeGreaterThan(10);
      for (const target of await targets.all()) {
        const box = await target.boundingBox();
        const name = await target.evaluate((element) => element.outerHTML);
        expect(Math.min(box?.height ?? 0, box?.width ?? 0), name).toBeGreaterThanOrEqual(44);
        expect(box!.x + box!.width, name).toBeLessThanOrEqual(device.viewport!.width);
      }
      await button(page, 'Hjelp nå').click({ trial: true });
      await page.locator('.footer').getByText('113').click({ trial: true });
    });
  });

  describe('over a bad net', () => {
    it('keeps what was typed while the store is down, and sends it once by itself', async () => {
      const { desk, page } = await started();
      desk.down = true;
      desk.release();
      await write(page, 'Er det noen der?');
      await seen(page, words.nb.waiting);
      desk.down = false;
      await backOnline(page);
      await seen(page, 'Takk for at du sier det.');
      expect(desk.calls.filter(({ kind }) => kind === 'say')).toHaveLength(1);
      expect(await page.locator('.own .bubble').allTextContents()).toEqual(['Du: Er det noen der?']);
    });

    it('asks again with the same id when the answer was lost', async () => {
      const { desk, page } = await started();
      let lost = 0;
      await page.route('**/chat/say', async (route) => {
        if (lost++ > 0) return route.continue();
        await route.fetch();
        await route.abort();
      });
      await write(page, 'Hei igjen');
      await page.waitForFunction((text) => document.body.textContent?.includes(text), words.nb.waiting);
      await backOnline(page);
      await page.locator('.own[data-state=sent]').waitFor();
      const said = desk.calls.filter(({ kind }) => kind === 'say');
      expect(said).toHaveLength(2);
      expect(new Set(said.map(({ id }) => id)).size).toBe(1);
    });

    it('keeps the order of what was written', async () => {
      const { desk, page } = await started();
      let release = () => {};
      const held = new Promise<void>((resolve) => {
        release = resolve;
      });
      await page.route('**/chat/say', async (route) => {
        await held;
        await route.continue();
      });
      await write(page, 'først');
      await button(page, 'Ja').click();
      await page.locator('.own[data-state=sending]').nth(1).waitFor();
      // Whatever the page would send meanwhile has been sent before this comes back.
      await page.evaluate(() => fetch('/chat/away'));
      release();
      await expect.poll(() => desk.events.slice(1).map(({ what }) => what)).toEqual(['først', 'yes']);
    });

    it('is not fooled by the login page of a hotel’s net', async () => {
      const { desk, page } = await started();
      let foreign = true;
      await page.route(/\/chat\/(say|messages)/, (route) =>
        foreign ? route.fulfill({ status: 200, body: '<html>Log in</html>' }) : route.continue(),
      );
      await write(page, 'Er det noen der?');
      await seen(page, words.nb.waiting);
      desk.release();
      await seen(page, words.nb.offline);
      foreign = false;
      await backOnline(page);
      await seen(page, 'Takk for at du sier det.');
      expect(desk.events.slice(1)).toMatchObject([{ what: 'Er det noen der?' }]);
    });

    it('warns before what is not sent yet would be lost', async () => {
      const { page } = await started();
      const asked: string[] = [];
      page.on('dialog', (dialog) => {
        asked.push(dialog.type());
        return dialog.accept();
      });
      await page.route('**/chat/say', (route) => route.abort());
      await write(page, 'Er det noen der?');
      await seen(page, words.nb.waiting);
      await page.reload();
      expect(asked).toEqual(['beforeunload']);
    });

    it('starts as one and the same person when the first answers are lost', async () => {
      const { desk, page } = await open('/chat#i=TOKEN');
      const lost = new Set<string>();
      await page.route(/\/chat\/(session|start)$/, async (route) => {
        const url = route.request().url();
        if (lost.has(url)) return route.continue();
        lost.add(url);
        await route.fetch();
        await route.abort();
      });
      await button(page, 'Start').click();
      for (let shown = false; !shown; ) {
        await backOnline(page);
        shown = await page.getByText(question.text).isVisible();
      }
      expect(lost.size).toBe(2);
      expect(desk.calls).toHaveLength(2);
      expect(desk.events).toHaveLength(1);
      expect(desk.calls[1]?.session).toBe(desk.calls[0]?.session);
    });

    it('says so when the server does not know the browser any more, and keeps the words', async () => {
      const { desk, page, context } = await started();
      await context.clearCookies();
      await write(page, 'Jeg vil ikke miste dette');
      await seen(page, words.nb.startEnded);
      expect(await page.getByText(question.text).count()).toBe(0);
      await button(page, 'Start').click();
      await seen(page, question.text);
      expect(await page.getByLabel('Skriv her').inputValue()).toBe('Jeg vil ikke miste dette');
      expect(desk.events).toHaveLength(2);
      expect(desk.events[1]?.session).not.toBe(desk.events[0]?.session);
    });

    it('tells a browser that keeps no cookies what is wrong', async () => {
      const { page } = await open();
      await page.route('**/chat/messages*', (route) => route.fulfill({ status: 401, body: '{}' }));
      await button(page, 'Start').click();
      await seen(page, words.nb.cookiesOff);
    });
  });

  describe('on a shared phone', () => {
    it('hides at once, also without net, and comes back with a tap', async () => {
      const { page, context, base } = await started();
      await page.getByLabel('Skriv her').fill('halvferdig');
      await context.setOffline(true);
      await button(page, 'Skjul').click();
      expect(await page.title()).toBe('Notater');
      expect(page.url()).toBe(`${base}/chat/away`);
      expect(await page.getByText(question.text).isVisible()).toBe(false);
      expect(await page.locator('body').innerText()).toMatch(/^‹ Tilbake\s*$/);
      await context.setOffline(false);
      await page.getByText('Tilbake').click();
      expect(await page.getByText(question.text).isVisible()).toBe(true);
      expect(await page.getByLabel('Skriv her').inputValue()).toBe('halvferdig');

      await button(page, 'Skjul').click();
      await page.reload();
      expect(await page.title()).toBe('Notater');
      await page.getByText('Tilbake').click();
      await seen(page, question.text);
    });

    it('forgets the conversation when asked', async () => {
      const { desk, page, context } = await started();
      const asked: string[] = [];
      page.on('dialog', (dialog) => {
        asked.push(dialog.type());
        return dialog.accept();
      });
      await page.route('**/chat/say', (route) => route.abort());
      await write(page, 'Er det noen der?');
      await seen(page, words.nb.waiting);
      await page.locator('summary').click();
      await button(page, 'Glem meg her').click();
      await seen(page, words.nb.startFree);
      expect(asked).toEqual(['confirm']);
      expect(await context.cookies()).toEqual([]);
      const left = await page.evaluate(() => localStorage.length + sessionStorage.length);
      expect(left).toBe(0);
      expect(desk.events).toHaveLength(1);
    });

    it('asks whose conversation it is before an invitation is used in it', async () => {
      const { desk, page, base } = await started();
      await page.goto('about:blank');
      await page.goto(`${base}/chat#i=NEW`);
      await seen(page, words.nb.startKnown);
      expect(await page.getByText(question.text).count()).toBe(0);
      await button(page, words.nb.startNew).click();
      await seen(page, question.text);
      expect(desk.events[1]).toMatchObject({ kind: 'open', what: 'NEW' });
      expect(desk.events[1]?.session).not.toBe(desk.events[0]?.session);
    });

    it('uses it in the old conversation when that is theirs', async () => {
      const { desk, page, base } = await started();
      await page.goto('about:blank');
      await page.goto(`${base}/chat#i=NEW`);
      await button(page, words.nb.startMine).click();
      await seen(page, question.text);
      expect(desk.events[1]).toMatchObject({ kind: 'open', what: 'NEW', session: desk.events[0]!.session });
    });

    it('still has the invitation when the phone threw the page away before the tap', async () => {
      const { desk, page } = await open('/chat#i=TOKEN');
      await seen(page, words.nb.startInvited);
      await page.reload();
      await seen(page, words.nb.startInvited);
      await button(page, 'Start').click();
      await seen(page, question.text);
      expect(desk.events).toMatchObject([{ what: 'TOKEN' }]);
      expect(await page.evaluate(() => sessionStorage.length)).toBe(0);
    });
  });

  it('shows what comes as text, and links nowhere dangerous', async () => {
    const { desk, page, wrong } = await started();
    const bad = '<img src="https://other.example/x" onerror="alert(1)">';
    desk.send(desk.events[0]!.session, {
      text: bad,
      buttons: [
        { label: 'skript', url: 'javascript:alert(1)' },
        { label: 'Ring', url: 'tel:116123' },
      ],
    });
    await seen(page, bad);
    await page.getByRole('link', { name: 'Ring' }).waitFor();
    expect(await page.getByRole('link', { name: 'skript' }).count()).toBe(0);
    expect(wrong).toEqual([]);
  });

  it('does not steal the focus or the place in the conversation, and announces only news', async () => {
    const { desk, page } = await started();
    const session = desk.events[0]!.session;
    for (let i = 0; i < 12; i++) desk.send(session, { text: `Melding ${i}` });
    await seen(page, 'Melding 11');
    await page.reload();
    await seen(page, 'Melding 11');
    const log = page.getByRole('log');
    await page.locator('#log[aria-live=polite]').waitFor();
    await page.getByLabel('Skriv her').focus();
    await log.evaluate((element) => {
      element.scrollTop = 0;
    });
    desk.send(session, { text: 'Den siste' });
    await page.getByText('Den siste').waitFor();
    expect(await log.evaluate((element) => element.scrollTop)).toBe(0);
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('text');
    await button(page, 'Mer nedenfor').click();
    await button(page, 'Mer nedenfor').waitFor({ state: 'hidden' });
    expect(await log.evaluate((element) => element.scrollTop)).toBeGreaterThan(0);
  });

  it('keeps the newest message in sight while the text field grows', async () => {
    const { desk, page } = await started();
    for (let i = 0; i < 12; i++) desk.send(desk.events[0]!.session, { text: `Melding ${i}` });
    await seen(page, 'Melding 11');
    await page.reload();
    await seen(page, 'Melding 11');
    await page.getByLabel('Skriv her').fill('en linje\n'.repeat(8));
    const log = await page.getByRole('log').boundingBox();
    const bottom = log!.y + log!.height;
    await expect
      .poll(async () => {
        const newest = await page.locator('.bot').last().boundingBox();
        return newest!.y + newest!.height;
      })
      .toBeLessThanOrEqual(bottom);
  });

  it('gives help before the start, without using the invitation', async () => {
    const { desk, page } = await open('/chat#i=TOKEN');
    await seen(page, words.nb.startInvited);
    await button(page, 'Hjelp nå').click();
    await seen(page, 'Takk for at du sier det.');
    expect(desk.events).toMatchObject([
      { kind: 'open', what: null },
      { kind: 'say', what: 'HJELP' },
    ]);
  });

  it('speaks the language of the conversation', async () => {
    const { desk, page } = await started();
    desk.send(desk.events[0]!.session, { text: 'Hello!', language: 'en' });
    await button(page, 'Help now').click();
    await seen(page, 'Call 113 if it is urgent.');
    expect(desk.events[1]).toMatchObject({ what: 'HELP' });
    expect(await page.locator('html').getAttribute('lang')).toBe('en');
    expect(await page.getByText('Hello!').getAttribute('lang')).toBe('en');
    expect(await page.getByText(question.text).getAttribute('lang')).toBe('nb');
    await page.getByLabel('Write here').waitFor();
    await button(page, 'Menu').click();
    await expect.poll(() => desk.events[2]).toMatchObject({ what: 'MENU' });
  });

  it('counts near the end and sends no more than 2000 characters', async () => {
    const { desk, page } = await started();
    const text = page.getByLabel('Skriv her');
    await text.fill('x'.repeat(1800));
    expect(await page.locator('#count').textContent()).toBe('');
    await write(page, 'x'.repeat(2003));
    await seen(page, 'For langt: ta bort 3 tegn');
    expect((await text.inputValue()).length).toBe(2003);
    expect(await page.locator('.own').count()).toBe(0);
    await write(page, 'x'.repeat(1990));
    await seen(page, 'Takk for at du sier det.');
    expect(desk.events.slice(1).map(({ what }) => what?.length)).toEqual([1990]);
  });

  it('shows in a second window what was chosen in the first', async () => {
    const { page, context, base } = await started();
    const second = await context.newPage();
    await second.goto(`${base}/chat`);
    await seen(second, question.text);
    await page.bringToFront();
    await button(page, 'Nei, aldri').click();
    await seen(page, 'Da er du ikke alene om det.');
    await second.bringToFront();
    await second.getByRole('button', { name: 'Nei, aldri (valgt)' }).waitFor();
    expect(await second.locator('.own .bubble').allTextContents()).toEqual(['Du: Nei, aldri']);
  });

  it('reads aloud in the right language where there is a voice, and only there', async () => {
    const { desk, page } = await open();
    await page.addInitScript(() => {
      const spoken: string[] = [];
      Object.assign(window, { spoken });
      speechSynthesis.getVoices = () => [{ lang: 'no-NO', name: 'Nora' } as SpeechSynthesisVoice];
      speechSynthesis.speak = (words) => spoken.push(`${words.lang}: ${words.text}`);
      Object.defineProperty(SpeechSynthesisUtterance.prototype, 'voice', { set() {}, get: () => null });
    });
    await page.reload();
    await button(page, 'Start').click();
    await seen(page, question.text);
    desk.send(desk.events[0]!.session, { text: 'Cześć', language: 'pl' });
    await seen(page, 'Cześć');
    expect(await page.locator('.read:visible').count()).toBe(2);
    await button(page, 'Les høyt').nth(1).click();
    await button(page, 'Slutt å lese').click();
    const spoken = await page.evaluate(() => (window as unknown as { spoken: string[] }).spoken);
    expect(spoken).toEqual([`nb: ${question.text}. Ja. Nei, aldri`]);
  });

  it('prints the plan and leads back', async () => {
    const { desk, page } = await started();
    desk.printed = { language: 'nb', title: 'Planen min', lines: ['Torsdag kl. 19'] };
    await page.locator('summary').click();
    await page.getByRole('link', { name: 'Skriv ut planen' }).click();
    await seen(page, 'Torsdag kl. 19');
    expect(await page.title()).toBe('Chat');
    await page.waitForLoadState();
    await page.evaluate(() => {
      window.print = () => document.body.append('skrevet ut');
    });
    await button(page, 'Skriv ut').click();
    expect(await page.locator('body').innerText()).toContain('skrevet ut');
    await page.emulateMedia({ media: 'print' });
    expect(await button(page, 'Skriv ut').isVisible()).toBe(false);
    await page.emulateMedia({ media: 'screen' });
    await page.getByRole('link', { name: 'Tilbake til chatten' }).click();
    await seen(page, question.text);
    await page.goBack();
    await page.getByRole('link', { name: 'Skjul' }).click();
    await page.getByPlaceholder('Skriv et notat').waitFor();
    await page.goBack();
    await seen(page, question.text);
  });

  it('moves the demo’s clock and shows it', async () => {
    const steps: unknown[] = [];
    const advance = async (step: unknown) => {
      steps.push(step);
      return { now: '2026-11-25T17:30:00Z' };
    };
    const { page } = await started(phone, { demo: { now: async () => '2026-11-25T13:05:00Z', advance } });
    await page.locator('#demo-now').getByText('ons. 25. nov., 14:05').waitFor();
    await button(page, 'Neste hendelse').click();
    await page.locator('#demo-now').getByText('18:30').waitFor();
    await button(page, '+2 timer').click();
    await expect.poll(() => steps).toEqual([{ to: 'next' }, { by: 'PT2H' }]);
  });
});
