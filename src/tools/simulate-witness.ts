/**
 * Stands beside one invented patient and writes down how things stood after each of their events, and what their chat
 * received in between. It reads the record and the chat; of the program's own marks, timers and facts it uses none.
 */
import type { Outgoing } from '../core/decision.ts';
import type { Dialogues } from '../core/dialog/schema.ts';
import type { MeetingIndex } from '../core/meeting-index.ts';
import type { Plan } from '../core/plan.ts';
import { purposes } from '../core/purpose.ts';
import { agreed, enrolled, type Person } from '../core/records.ts';
import type { Millis } from '../core/time.ts';
import type { Words } from '../core/words.ts';
import { fades, type Ledger, type Receipt } from './simulate-account.ts';
import { type KnownPlan, type Standing, tomorrow } from './simulate-demands.ts';
import { endsPlan, isFirm, listens, patience } from './simulate-script.ts';
import type { Received } from './stage.ts';

const day: Millis = 24 * 3_600_000;

export type Script = { dialogues: Dialogues; words: Words; meetings: MeetingIndex };

/** What the person did, as far as the account must know. */
export type Act = { kind: 'tapped'; wait: string; choice: string } | { kind: string };

export class Witness {
  readonly ledger: Ledger = { standings: [], received: [] };
  readonly #script: Script;
  readonly #plans = new Map<string, KnownPlan>();
  #person: Person | null = null;
  #away = false;
  #heard: Millis = 0;
  #silences: Standing['silences'] = [];
  #seen = 0;

  constructor(script: Script) {
    this.#script = script;
  }

  /** How many plans this person has made. */
  get plans(): number {
    return this.#plans.size;
  }

  /** The record as it was last looked at. */
  get person(): Person | null {
    return this.#person;
  }

  /** Notes what came in since the person last did something; false when that was nothing. */
  waited(all: readonly Received[]): boolean {
    const fresh = this.#fresh(all);
    this.#note(fresh);
    return fresh.length > 0;
  }

  /**
   * The record after something came in. Of all it says, only what is asked now is taken over, and what silence began
   * follows from the dialogues: nothing else that a timer does may excuse a reminder.
   */
  sees(person: Person | null): void {
    this.#person = person;
    const last = this.ledger.standings.at(-1);
    const { received } = this.ledger;
    const spoke = received.findLast(({ purpose }) => !purposes[purpose].unprompted);
    if (!last || !spoke || spoke.at <= last.at) return;
    const grave = this.#silences.some((silence) => silence.grave && silence.at <= spoke.at);
    this.#silences = this.#silencesOf(person, spoke.at);
    const index = this.ledger.standings.push({
      ...last,
      at: spoke.at,
      crisis: last.crisis || grave,
      aftermath: grave ? tomorrow(spoke.at, last.zone) : last.aftermath,
      silences: this.#silences,
      ended: [],
    });
    for (const receipt of received) if (receipt.at > spoke.at) receipt.under = index - 1;
  }

  /** After something the person did: the record then. @returns the answers, in order */
  did(act: Act, at: Millis, person: Person | null, all: readonly Received[]): Outgoing[] {
    const ended = this.#ended(act);
    this.#away = act.kind === 'left';
    this.#heard = at;
    this.#person = person;
    this.#silences = this.#silencesOf(person, at);
    this.ledger.standings.push(this.#standing(at, ended));
    const fresh = this.#fresh(all);
    this.#note(fresh.filter(({ message }) => purposes[message.purpose].unprompted));
    return fresh.map(({ message }) => message).filter(({ purpose }) => !purposes[purpose].unprompted);
  }

  /** Is this the tap on a button that an open question offers, whatever the time has brought since it was asked? */
  offers(act: Act, at: Millis): boolean {
    const frame = 'wait' in act ? this.#person?.frames.find(({ wait }) => wait === act.wait) : undefined;
    if (!frame || !('wait' in act)) return false;
    const gone = this.#person?.plans.some(({ id, starts }) => id === frame.vars.plan && starts + fades <= at);
    return !gone && (frame.veiled || isFirm(this.#script.dialogues, frame, act.choice));
  }

  /** Does the last of these messages leave the person without a next step? */
  stranded(answers: readonly Outgoing[]): boolean {
    const last = answers.at(-1);
    if (!last) return true;
    if (last.purpose === 'farewell' || last.buttons.some((button) => 'data' in button)) return false;
    const frame = this.#person?.frames.at(-1);
    return !/\bMEN[YU]\b/.test(last.text) && !(frame && listens(this.#script.dialogues, frame));
  }

  #fresh(all: readonly Received[]): readonly Received[] {
    const fresh = all.slice(this.#seen);
    this.#seen = all.length;
    return fresh;
  }

  /** A long message comes in parts, of which only the last has buttons: that is one receipt. */
  #note(fresh: readonly Received[]): void {
    const { received, standings } = this.ledger;
    const veil = this.#person ? this.#script.words.say(this.#person.language, 'phrases.veil') : null;
    let part = false;
    for (const { at, message } of fresh) {
      const { purpose, text, buttons } = message;
      // The platform would not take it: the program says only answers to somebody who has blocked it.
      if (this.#away && !purposes[purpose].unprompted) continue;
      const last = received.at(-1);
      if (part && last?.at === at && last.purpose === purpose) last.text += `\n\n${text}`;
      else
        received.push({
          at,
          purpose,
          text,
          neutral: text === veil,
          under: standings.length - 1,
        } satisfies Receipt);
      part = buttons.length === 0;
    }
  }

  #standing(at: Millis, ended: string[]): Standing {
    const person = this.#person;
    return {
      at,
      person: person?.id ?? null,
      forgotten: person && !enrolled(person) ? this.#heard + day : null,
      away: this.#away,
      plans: person?.plans.map((plan) => this.#known(plan)) ?? [],
      quiet: person?.quiet ?? { from: '00:00', to: '00:00' },
      zone: person?.zone ?? 'UTC',
      agreed: person !== null && enrolled(person) && agreed(person, 'reminders'),
      discreet: person?.discreet ?? false,
      paused: person?.paused ?? null,
      stopped: person?.stopped ?? false,
      crisis: person !== null && person.crisis !== null,
      later: person?.later ?? null,
      aftermath: person?.aftermath ?? null,
      silences: this.#silences,
      ended,
    };
  }

  /** What the person was shown, with the moment worked out from the list of meetings. */
  #known({ id, meeting: meetingId, name, date, made, minutes, starts }: Plan): KnownPlan {
    const key = `${id} ${made}`;
    const before = this.#plans.get(key);
    if (before) return before;
    const meeting = this.#script.meetings.get(meetingId);
    const begins = meeting
      ? Temporal.PlainDate.from(date).toZonedDateTime({ timeZone: meeting.zone, plainTime: meeting.time })
          .epochMilliseconds
      : starts;
    const known = { id, name, starts: begins, minutes, made };
    this.#plans.set(key, known);
    return known;
  }

  #silencesOf(person: Person | null, asked: Millis): Standing['silences'] {
    return (person?.frames ?? []).flatMap((frame) => {
      const before = this.#silences.find(({ wait }) => wait === frame.wait);
      const silence = before || frame.veiled ? null : patience(this.#script.dialogues, frame);
      if (silence) return [{ wait: frame.wait, at: asked + silence.lasts, grave: silence.grave }];
      return before ? [before] : [];
    });
  }

  /** The plans that this answer may end, by what the dialogues say. */
  #ended(act: Act): string[] {
    const frames = this.#person?.frames ?? [];
    const tapped = 'wait' in act ? act : null;
    const frame = tapped ? frames.find(({ wait }) => wait === tapped.wait) : frames.at(-1);
    if (!frame?.vars.plan || (act.kind !== 'said' && !tapped)) return [];
    return endsPlan(this.#script.dialogues, frame, tapped?.choice ?? null) ? [frame.vars.plan] : [];
  }
}
