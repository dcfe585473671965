/**
 * What stands between the web chat's page and the engine: a browser's session is a chat handle, what it sends is an
 * inbound event, and what it shows is what the outbox has marked as sent. It keeps no conversation of its own.
 */
import type { Inbound } from '../channels/channel.ts';
import type { WebChannel } from '../channels/web.ts';
import type { Outgoing } from '../core/decision.ts';
import { sayPlace } from '../core/meeting.ts';
import { upcoming } from '../core/plan.ts';
import type { Chat } from '../core/records.ts';
import { type Millis, sayDay, sayTime } from '../core/time.ts';
import type { Words } from '../core/words.ts';
import type { Clock } from '../engine/clock.ts';
import type { Engine } from '../engine/engine.ts';
import { myData } from '../engine/my-data.ts';
import type { Vault } from '../store/vault.ts';
import type { ChatDesk, WebMessage } from './chat.ts';
import type { PrintedPlan } from './pages.ts';

export type DeskParts = {
  engine: Engine;
  vault: Vault;
  channel: WebChannel;
  words: Words;
  clock: Clock;
  /** How often to look for what another process delivered; left out where there is none. */
  looksEvery?: Millis;
};

/** Far enough ahead that the date is said in full: on paper "tomorrow" is wrong the day after. */
const aWeek: Millis = 7 * 24 * 3_600_000;

const chatOf = (session: string): Chat => ({ channel: 'web', address: session });

export class Desk implements ChatDesk {
  readonly #parts: DeskParts;

  constructor(parts: DeskParts) {
    this.#parts = parts;
  }

  open(session: string, id: string, invitation: string | null): Promise<void> {
    return this.#receive(session, id, { kind: 'opened', token: invitation });
  }

  say(session: string, id: string, text: string): Promise<void> {
    return this.#receive(session, id, { kind: 'said', text });
  }

  tap(session: string, id: string, data: string): Promise<void> {
    const [wait = '', choice = ''] = data.split('.');
    return this.#receive(session, id, { kind: 'tapped', wait, choice });
  }

  async #receive(session: string, id: string, what: Inbound['what']): Promise<void> {
    await this.#parts.engine.receive({
      id: `web:${session}:${id}`,
      chat: chatOf(session),
      language: 'nb',
      what,
    });
  }

  async messages(session: string, after: number): Promise<WebMessage[]> {
    const last = this.#parts.channel.lastWords(session).filter((word) => word.seq > after);
    const at = this.#parts.clock.now();
    return [
      ...(await this.#sent(session, after)).map((one) => shown(one.seq, one.at, one.parcel.message)),
      ...last.map((word) => shown(word.seq, at, word.message)),
    ].sort((a, b) => a.seq - b.seq);
  }

  async arrived(session: string, after: number, timeoutMs: number): Promise<void> {
    const { channel, looksEvery = timeoutMs } = this.#parts;
    for (let left = timeoutMs; left > 0; left -= looksEvery) {
      const news = channel.news(session, Math.min(left, looksEvery));
      if ((await this.messages(session, after)).length > 0) return;
      await news;
    }
  }

  async file(session: string, seq: number): Promise<{ name: string; type: string; body: string } | null> {
    const found = (await this.#sent(session, seq - 1)).find((one) => one.seq === seq);
    const file = found?.parcel.message.file;
    if (!file) return null;
    if ('body' in file) return file;
    const address = await this.#parts.engine.directory.find(chatOf(session));
    return address && myData(this.#parts.vault, address.partition, address.person, file.name);
  }

  async plan(session: string): Promise<PrintedPlan | null> {
    const { engine, words, clock } = this.#parts;
    const person = await engine.directory.person(chatOf(session));
    const plan = person && upcoming(person.plans, clock.now());
    if (!person || !plan) return null;
    const { language, zone } = person;
    const say = (key: string) => words.say(language, `phrases.${key}`);
    const when = sayDay(plan.starts, plan.starts - aWeek, zone, language);
    return {
      language,
      title: say('print-title'),
      lines: [
        plan.name,
        `${when} ${sayTime(plan.starts, zone, language)}`,
        plan.where ? sayPlace(plan.where) : (plan.online ?? plan.phone ?? say('online')),
        plan.notes,
        say('print-help'),
      ].filter((line) => line !== ''),
    };
  }

  async #sent(session: string, after: number) {
    const { engine, vault } = this.#parts;
    const address = await engine.directory.find(chatOf(session));
    if (!address) return [];
    const sent = await vault.sent(address.partition, address.person, after);
    return sent.flatMap((one) => (one.parcel.kind === 'message' ? [{ ...one, parcel: one.parcel }] : []));
  }
}

function shown(seq: number, at: Millis, message: Outgoing): WebMessage {
  return {
    seq,
    at,
    text: message.text,
    buttons: message.buttons,
    language: message.language,
    ...(message.echo === undefined ? {} : { echo: message.echo }),
    ...(message.file ? { file: message.file.name } : {}),
  };
}
