/**
 * The whole way of a patient in a real browser against the real program: from the invitation to the question the morning
 * after, with the demo's clock button, and the program killed in the middle. With PICTURES=1 the README's picture is
 * taken on the way.
 */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launchBrowser, phone } from './browser.ts';
import { emptyFolder, Running } from './fakes/running.ts';

let browser: Browser;
beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(async () => {
  await browser.close();
});

const picture = fileURLToPath(new URL('pictures/chat.png', import.meta.url));

/** Taps the newest button with this label. */
const tap = (page: Page, label: string | RegExp) =>
  page.getByRole('button', { name: label, exact: true }).last().click();

/** Waits until the newest message says this. */
const hears = (page: Page, text: string | RegExp) => page.getByText(text).last().waitFor();

/** Two screens side by side, drawn by the browser itself. */
async function join(screens: Buffer[]): Promise<Buffer> {
  const page = await browser.newPage({ viewport: { width: 760, height: 680 } });
  const images = screens.map((screen) => `<img src="data:image/png;base64,${screen.toString('base64')}">`);
  await page.setContent(
    `<style>body{margin:20px;display:flex;gap:20px;background:#ddd8cc}img{width:350px;border-radius:18px}</style>${images.join('')}`,
  );
  const joined = await page.screenshot();
  await page.close();
  return joined;
}

/** Moves the program's clock to the next Monday morning, so that the demo's meetings lie the same on every day of the year. */
async function mondayMorning(address: string): Promise<void> {
  const advance = async (by: string): Promise<Temporal.ZonedDateTime> => {
    const answer = await fetch(`${address}/demo/advance`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ by }),
    });
    const { now } = (await answer.json()) as { now: string };
    return Temporal.Instant.from(now).toZonedDateTimeISO('Europe/Oslo');
  };
  const now = await advance('PT1S');
  const monday = now.add({ days: 8 - now.dayOfWeek }).withPlainTime('08:00');
  await advance(now.until(monday, { largestUnit: 'hour' }).toString());
}

test('from the invitation to the check-in, with the clock button, across a kill', async () => {
  const settings = { DATA_DIR: emptyFolder() };
  let program = await Running.start(settings);
  const port = new URL(program.address).port;
  await mondayMorning(program.address);
  const context = await browser.newContext(phone);
  const page = await context.newPage();
  await page.goto(`${program.address}/chat#i=${program.invitations.web}`);
  expect(page.url()).not.toContain('#i=');

  await tap(page, 'Start');
  await tap(page, 'Norsk');
  await tap(page, 'Ja, og jeg har fylt 18');
  await hears(page, /postnummer eller sted/);
  await page.getByRole('textbox').fill('4616');
  await page.keyboard.press('Enter');
  await tap(page, 'Begge');
  await tap(page, 'Nei');
  await tap(page, 'Nei, vis alt');
  await tap(page, 'Ja, det passer');

  await program.kill();
  program = await Running.start({ ...settings, PORT: port });

  await tap(page, 'Finne et møte');
  await hears(page, /Hvorfor dette/);
  const suggested = await page.screenshot();
  await tap(page, /^3\. /);
  await tap(page, 'Jeg vil prøve det');
  await tap(page, 'Ja, gjerne');
  await hears(page, /Da er dette planen/);
  const planned = await page.screenshot();
  if (process.env.PICTURES) writeFileSync(picture, await join([suggested, planned]));

  const plan = await context.newPage();
  await plan.goto(`${program.address}/chat/plan`);
  await plan.getByText('Planen min').first().waitFor();
  await plan.close();

  await tap(page, 'Neste hendelse');
  await hears(page, / er i morgen kl\. /);
  await tap(page, 'Jeg går');
  await tap(page, 'Ferdig');

  await program.kill();
  program = await Running.start({ ...settings, PORT: port });

  await tap(page, 'Neste hendelse');
  await hears(page, /Det nærmer seg/);
  await tap(page, 'Neste hendelse');
  await hears(page, /Kom du deg til /);
  await tap(page, 'Ja, jeg var der');
  await tap(page, 'Bra');
  await hears(page, /gå dit igjen/);
  await context.close();
  expect(await program.stop()).toBe(0);
});
