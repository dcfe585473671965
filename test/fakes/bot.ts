/**
 * The program's own parts in one process, around the fake Telegram over real HTTP, on a clock that only the test moves.
 * It replaces time, the platform and, where asked, a store that can fail; everything between them is the real thing.
 */
import { randomBytes } from 'node:crypto';
import { Telegram } from '../../src/channels/telegram.ts';
import { WebChannel } from '../../src/channels/web.ts';
import type { Person as Known } from '../../src/core/records.ts';
import type { Reference } from '../../src/core/turn.ts';
import { choiceKey } from '../../src/core/words.ts';
import { neverCrash } from '../../src/engine/crash.ts';
import { Deliverer } from '../../src/engine/deliver.ts';
import { Engine } from '../../src/engine/engine.ts';
import { Outage } from '../../src/engine/outage.ts';
import { loadReference, ownClinic, partitions, setUpClinics } from '../../src/engine/program.ts';
import { Worker } from '../../src/engine/worker.ts';
import { type Log, silentLog } from '../../src/log.ts';
import { MasterKey } from '../../src/store/seal.ts';
import { SqliteStore } from '../../src/store/sqlite.ts';
import { type Store, StoreDown } from '../../src/store/store.ts';
import { Vault } from '../../src/store/vault.ts';
import { StageClock } from '../../src/tools/stage.ts';
import { Desk } from '../../src/web/desk.ts';
import { FakeTelegram } from './telegram.ts';
import type { ChatMessage } from './telegram-chat.ts';
import type { Participant, Person } from './telegram-people.ts';

export const token = '110201543:DEMO-token_of_no_bot';
/** A Monday morning in Oslo. */
const start = Date.UTC(2026, 10, 2, 8, 0, 0);
const day = 24 * 3_600_000;
/** Who must wait longer waits for something else than the platform's pace. */
const longestPace = 60_000;

/** All dialogues, words and demo meetings, read once. */
export const reference = loadReference('content/meetings/demo.yaml');

/**
 * The store, and how a test has it fail: a method finds it down `times` times, once `after` calls went well.
 * `left`: how many still will.
 */
export function brittle(store: Store): {
  store: Store;
  breaks(method: keyof Store, times?: number, after?: number): void;
  left(method: keyof Store): number;
} {
  const faults = new Map<string | symbol, { times: number; after: number }>();
  const handler: ProxyHandler<Store> = {
    get(target, name) {
      const found = Reflect.get(target, name);
      if (typeof found !== 'function') return found;
      return (...given: unknown[]) => {
        const fault = faults.get(name);
        const strikes = fault && fault.after-- <= 0 && fault.times-- > 0;
        if (strikes) return Promise.reject(new StoreDown(new Error('ordered by the test')));
        return found.apply(target, given);
      };
    },
  };
  return {
    store: new Proxy(store, handler),
    breaks: (method, times = 1, after = 0) => faults.set(method, { times, after }),
    left: (method) => Math.max(0, faults.get(method)?.times ?? 0),
  };
}

export type BotOptions = {
  store?: Store;
  reference?: Reference;
  log?: Log;
  /** False: updates are not asked for until `polls`. */
  polling?: boolean;
};

export class Bot {
  readonly clock = new StageClock(start);
  readonly telegram: FakeTelegram;
  readonly channel: Telegram;
  /** The same program's web chat. */
  readonly desk: Desk;
  readonly engine: Engine;
  readonly store: Store;
  readonly vault: Vault;
  readonly deliverer: Deliverer;
  readonly worker: Worker;
  readonly #outage: Outage;
  #polling = false;
  #waiting: (() => void)[] = [];

  private constructor(
    telegram: FakeTelegram,
    clock: StageClock,
    vault: Vault,
    { reference: words = reference, log = silentLog }: BotOptions,
  ) {
    const { store } = vault;
    this.telegram = telegram;
    this.clock = clock;
    this.store = store;
    this.vault = vault;
    this.channel = new Telegram({ token, apiRoot: telegram.apiRoot, pace: 25, log });
    this.engine = new Engine({ vault, reference: words, clock, log, crash: neverCrash, partitions });
    const { engine, channel } = this;
    const web = new WebChannel();
    const channels = [channel, web];
    this.deliverer = new Deliverer({ vault, engine, channels, clock, log, crash: neverCrash });
    this.desk = new Desk({ engine, vault, channel: web, words: words.words, clock });
    this.worker = new Worker({ store, engine, deliverer: this.deliverer, clock, log });
    this.#outage = new Outage({ store, engine, clock });
  }

  static async start(options: BotOptions = {}): Promise<Bot> {
    const clock = new StageClock(start);
    const telegram = await FakeTelegram.start({ token, clock: () => clock.now() });
    const master = new MasterKey(randomBytes(32));
    const vault = await Vault.open(options.store ?? new SqliteStore(':memory:'), () => master);
    const bot = new Bot(telegram, clock, vault, options);
    await setUpClinics(bot.engine, { name: 'Demoklinikken', reads: null, zone: 'Europe/Oslo' });
    if (options.polling !== false) bot.polls();
    return bot;
  }

  /** The same program started anew: on the same store and clock, with nothing else remembered. */
  async again(options: BotOptions = {}): Promise<Bot> {
    await this.channel.stop();
    const bot = new Bot(this.telegram, this.clock, this.vault, options);
    if (options.polling !== false) bot.polls();
    return bot;
  }

  polls(): void {
    this.#polling = true;
    this.channel.poll(
      (inbound) => this.engine.receive(inbound),
      async () => {
        await this.#outage.caughtUp();
        for (const done of this.#waiting.splice(0)) done();
      },
    );
  }

  /** Resolves when everything that waited at Telegram was taken the next time. */
  caughtUp(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** A link's single-use token. */
  async invitation(): Promise<string> {
    const wish = { clinic: ownClinic, alias: null, discharge: null, young: false, lasts: 14 * day };
    return (await this.engine.directory.invite(wish)).token;
  }

  /** Lets everything happen that is due now; the clock moves on by as much as the platform's pace asks for. */
  async settle(): Promise<void> {
    for (;;) {
      if (this.#polling) await this.telegram.idle();
      const wait = await this.worker.beat();
      const sending = this.deliverer.progress() !== null;
      await this.deliverer.idle();
      if (sending) continue;
      if (wait === null || wait > longestPace) return;
      this.clock.set(this.clock.now() + wait);
    }
  }

  /** Lets time pass, and everything happen that is due by then. */
  async advance(millis: number): Promise<void> {
    this.clock.set(this.clock.now() + millis);
    await this.settle();
  }

  /** Moves to the next moment at which something is due. */
  async toNext(): Promise<void> {
    this.clock.set((await this.store.nextMoment(this.clock.now())) ?? this.clock.now());
    await this.settle();
  }

  async says(person: Participant, text: string): Promise<void> {
    person.sends(text);
    await this.settle();
  }

  /** Taps a choice, named 'dialogue.step.choice', under the newest message that offers it. */
  async picks(person: Participant, choice: string): Promise<ChatMessage> {
    const label = await this.labelOf(person, choice);
    const message = offering(person, label);
    person.taps(message, label);
    await this.settle();
    return message;
  }

  /** Taps the n-th option (from 0) of the newest message that has options. */
  async picksOption(person: Participant, n: number): Promise<ChatMessage> {
    const message = person.chat.findLast(({ keyboard }) => optionOf(keyboard, n)) as ChatMessage;
    person.taps(message, optionOf(message.keyboard, n)?.text ?? `option ${n}`);
    await this.settle();
    return message;
  }

  /** By an invitation, up to where they live. */
  async comesIn(person: Person): Promise<void> {
    person.starts(await this.invitation());
    await this.settle();
    await this.picks(person, 'start.language.nb');
    await this.picks(person, 'start.ask.yes');
  }

  /** From the link to "what would you like to begin with". */
  async settlesIn(person: Person, { discreet = false } = {}): Promise<void> {
    await this.comesIn(person);
    await this.says(person, '4616');
    await this.picksOption(person, 2);
    await this.picks(person, 'setup.phone.no');
    await this.picks(person, discreet ? 'setup.discreet.yes' : 'setup.discreet.no');
    await this.picks(person, 'setup.quiet.yes');
  }

  /** Settled in, on to a plan with reminders. */
  async plans(person: Person): Promise<void> {
    await this.picks(person, 'setup.ready.meeting');
    await this.picksOption(person, 0);
    await this.picks(person, 'meeting.closer.yes');
    await this.picks(person, 'meeting.ask-remind.yes');
  }

  /** What stands on the button of a choice, in the person's language. */
  async labelOf(person: Participant, choice: string): Promise<string> {
    const [dialogue = '', step = '', id = ''] = choice.split('.');
    const language = (await this.record(person))?.language ?? 'nb';
    return reference.words.say(language, choiceKey(dialogue, step, id), () => '');
  }

  /** What the program has on record about somebody. */
  record(person: Participant): Promise<Known | null> {
    return this.engine.directory.person({ channel: 'telegram', address: String(person.room.chat.id) });
  }

  async stop(): Promise<void> {
    await this.channel.stop();
    await this.telegram.stop();
    await this.store.close();
  }
}

const optionOf = (keyboard: ChatMessage['keyboard'], n: number) =>
  keyboard.flat().find((button) => 'callback_data' in button && button.callback_data?.endsWith(`.o${n}`));

/** The bot's own words in the chat, oldest first, without edits. */
export const texts = (person: Participant): string[] =>
  person.received.filter(({ kind }) => kind !== 'edit').map(({ text }) => text);

export const newest = (person: Participant): ChatMessage => person.chat.at(-1) as ChatMessage;

/** The newest message of the bot with a button of this label. */
export function offering(person: Participant, label: string): ChatMessage {
  const found = person.chat.findLast(({ keyboard }) => keyboard.flat().some(({ text }) => text === label));
  if (!found) {
    const last = person.chat.at(-1);
    const labels = last?.keyboard.flat().map(({ text }) => text);
    throw new Error(`nothing offers '${label}'; the last message: ${last?.text} [${labels?.join('] [')}]`);
  }
  return found;
}
