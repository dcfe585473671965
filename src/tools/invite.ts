/**
 * Makes an invitation from the command line, also while the program runs, and prints its links. The token is printed
 * once and kept nowhere.
 */
import QRCode from 'qrcode';
import { publicUrl, readConfig } from '../config.ts';
import { isDate } from '../core/time.ts';
import { CannotStart, notes, openProgram, ownClinic } from '../engine/program.ts';
import { silentLog } from '../log.ts';
import type { Store } from '../store/store.ts';

/** The links of a token. The web link bears it in the fragment, which no server and no preview sees. */
export async function invitationLinks(
  store: Store,
  token: string,
  fallback = '',
): Promise<{ web: string; telegram: string | null }> {
  const web = (await store.note(notes.web)) ?? fallback;
  const bot = await store.note(notes.bot);
  return { web: `${web}/chat#i=${token}`, telegram: bot ? `https://t.me/${bot}?start=${token}` : null };
}

type Wish = { alias?: string; discharge?: string; young?: boolean; json?: boolean };

export async function invite(wish: Wish): Promise<void> {
  const discharge = wish.discharge ?? null;
  if (discharge !== null && !isDate(discharge)) {
    throw new CannotStart(`--discharge: ${discharge} is no date; write it as 2026-12-01`);
  }
  const config = readConfig();
  const { engine, store } = await openProgram(config, silentLog);
  const { token, invitation } = await engine.directory.invite({
    clinic: ownClinic,
    alias: wish.alias ?? null,
    discharge,
    young: wish.young === true,
    lasts: config.clinic.invitationDays * 24 * 3_600_000,
  });
  const links = await invitationLinks(store, token, publicUrl(config.web));
  const expires = Temporal.Instant.fromEpochMilliseconds(invitation.expires).toString();
  await store.close();
  if (wish.json) {
    process.stdout.write(`${JSON.stringify({ ...links, expires })}\n`);
    return;
  }
  const lines = [`Web chat:  ${links.web}`];
  lines.push(
    links.telegram
      ? `Telegram:  ${links.telegram}`
      : 'Telegram:  off (no bot has been started on this store)',
  );
  lines.push(`Valid until ${expires}, for one person, once.`, '');
  lines.push(await QRCode.toString(links.telegram ?? links.web, { type: 'terminal', small: true }));
  process.stdout.write(`${lines.join('\n')}\n`);
}
