/**
 * Telegram, by grammY's API client: updates in by long polling or webhook, messages out one request at a time. Only
 * private chats are answered. The next offset is asked for only when everything before it is committed.
 * The bot's token is part of every address, so no error of the client is passed on or logged whole.
 */
import { Api, GrammyError, HttpError, InputFile } from 'grammy';
import type { Outgoing } from '../core/decision.ts';
import type { Chat } from '../core/records.ts';
import type { Log } from '../log.ts';
import type { Channel, Inbound, Outcome, Receive, SendableFile } from './channel.ts';
import { keyboardOf } from './telegram-keyboard.ts';
import { allowedUpdates, inboundOf, type TapTrace, tapOf } from './telegram-updates.ts';

const name = 'telegram';
/** A poll is held open this long by the server, in seconds. */
const pollSeconds = 25;
const mostUpdates = 100;
const mostWiped = 100;
/** How long anything may take that the program waits for while it starts or stops, in ms. */
const patience = 5_000;

/** `pace`: messages a second over all chats. */
export type TelegramOptions = { token: string; apiRoot: string; pace: number; log: Log };

/** Telegram said no to what the settings say. The message says what to do, and shows no secret. */
export class SettingRefused extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'SettingRefused';
  }
}

export class Telegram implements Channel {
  readonly name = name;
  readonly pace: { overall: number; each: number; burst: number };
  readonly #api: Api;
  readonly #log: Log;
  readonly #acknowledging = new Set<Promise<void>>();
  #polling: AbortController | null = null;
  #polled: Promise<void> | null = null;

  constructor({ token, apiRoot, pace, log }: TelegramOptions) {
    // Telegram's own figures are about 30 messages a second in all and one a second to one chat, short bursts allowed.
    this.pace = { overall: pace, each: 1, burst: 3 };
    this.#api = new Api(token, { apiRoot, timeoutSeconds: 60 });
    this.#log = log;
  }

  /** The bot's name; null while the platform does not answer. @throws SettingRefused */
  async whoAmI(): Promise<string | null> {
    try {
      return (await this.#api.getMe(soon())).username;
    } catch (error) {
      if (error instanceof GrammyError && (error.error_code === 401 || error.error_code === 404)) {
        throw new SettingRefused(
          'Telegram does not know this bot: set TELEGRAM_BOT_TOKEN to the token that BotFather gave.',
        );
      }
      this.#log.warn(
        { event: 'unreachable', channel: name, code: reason(error) },
        'Telegram does not answer',
      );
      return null;
    }
  }

  /** Names the commands in the app's own menu, neutrally, in both languages. */
  async introduce(commands: Record<string, { command: string; description: string }[]>): Promise<void> {
    for (const [language, list] of Object.entries(commands)) {
      const other = language === 'nb' ? {} : { language_code: language as 'en' };
      await this.#api
        .setMyCommands(list, { scope: { type: 'all_private_chats' }, ...other })
        .catch((error) => {
          this.#log.warn(
            { event: 'introduce-failed', code: reason(error) },
            'the command menu could not be set',
          );
        });
    }
  }

  /**
   * Begins long polling; each update is received before the next offset is asked for. `caughtUp` is called whenever
   * everything that waited at Telegram is received.
   */
  poll(receive: Receive, caughtUp: () => Promise<void>): void {
    this.#polling = new AbortController();
    this.#polled = this.#loop(receive, caughtUp, this.#polling.signal);
  }

  /** Finishes what is under way. */
  async stop(): Promise<void> {
    this.#polling?.abort();
    await this.#polled;
    await Promise.all(this.#acknowledging);
  }

  /**
   * Points Telegram at our webhook. `secret` comes back in a header of every call. While Telegram does not answer, what
   * it was told at an earlier start still counts. @throws SettingRefused
   */
  async hook(url: string, secret: string): Promise<void> {
    try {
      await this.#api.setWebhook(url, { secret_token: secret, allowed_updates: [...allowedUpdates] }, soon());
    } catch (error) {
      // Passed on as it is, the error would show the secret.
      if (error instanceof GrammyError && error.error_code === 400)
        throw new SettingRefused(
          'Telegram refused TELEGRAM_WEBHOOK_URL: see whether its host can be found from outside, and its port (443, 80, 88 or 8443).',
        );
      this.#log.warn({ event: 'hook-failed', code: reason(error) }, 'the webhook could not be set');
    }
  }

  async #loop(receive: Receive, caughtUp: () => Promise<void>, signal: AbortSignal): Promise<void> {
    let offset = 0;
    let failures = 0;
    let hooked = true;
    let behind = true;
    while (!signal.aborted) {
      try {
        if (hooked) await this.#api.deleteWebhook({}, signal as never);
        hooked = false;
        const timeout = behind ? 0 : pollSeconds;
        const updates = await this.#api.getUpdates(
          { offset, timeout, limit: mostUpdates, allowed_updates: [...allowedUpdates] },
          signal as never,
        );
        for (const update of updates) {
          if (signal.aborted) break;
          await this.take(update, receive);
          offset = update.update_id + 1;
        }
        behind = updates.length === mostUpdates;
        if (!behind) await caughtUp();
        failures = 0;
      } catch (error) {
        if (signal.aborted) break;
        failures++;
        behind = true;
        const wait =
          error instanceof GrammyError
            ? (error.parameters.retry_after ?? 1) * 1000
            : 500 * 2 ** Math.min(failures, 6);
        this.#log.warn(
          { event: 'poll-failed', code: reason(error), count: failures },
          'taking updates from Telegram failed',
        );
        await rest(wait, signal);
      }
    }
    // Tells the server what has been committed, so that a calm restart gets nothing twice.
    if (offset > 0) await this.#api.getUpdates({ offset, timeout: 0, limit: 1 }, soon()).catch(() => {});
  }

  /** One raw update, as polled or posted. Resolves when it is committed, or is none of ours. */
  async take(update: unknown, receive: Receive): Promise<void> {
    const inbound: Inbound | null = inboundOf(update);
    if (!inbound) return;
    const { chosen } = await receive(inbound);
    const tap = tapOf(update);
    if (!tap) return;
    const acknowledging = this.#acknowledge(tap, chosen).finally(() =>
      this.#acknowledging.delete(acknowledging),
    );
    this.#acknowledging.add(acknowledging);
  }

  /**
   * Stops the button's waiting sign, takes the buttons away and leaves the choice that was made in their place; links
   * stay. It is cosmetic: best effort, and nobody's next message waits for it.
   */
  async #acknowledge({ query, chat, message, text, links }: TapTrace, chosen: string | null): Promise<void> {
    await this.#api.answerCallbackQuery(query, {}, soon()).catch(() => {});
    const rest = { reply_markup: { inline_keyboard: links } };
    const edited =
      chosen === null || text === null
        ? this.#api.editMessageReplyMarkup(chat, message, rest, soon())
        : this.#api.editMessageText(
            chat,
            message,
            `${text}\n\n– ${chosen}`,
            { ...rest, link_preview_options: { is_disabled: true } },
            soon(),
          );
    await edited.catch(() => {});
  }

  async send(chat: Chat, message: Outgoing, file: SendableFile | null): Promise<Outcome> {
    const to = Number(chat.address);
    const keyboard = keyboardOf(message.buttons);
    const markup = keyboard.length > 0 ? { reply_markup: { inline_keyboard: keyboard } } : {};
    return this.#outcome(async () => {
      const sent = file
        ? await this.#api.sendDocument(to, new InputFile(Buffer.from(file.body), file.name), {
            caption: message.text,
            ...markup,
          })
        : await this.#api.sendMessage(to, message.text, {
            ...markup,
            link_preview_options: { is_disabled: true },
          });
      return String(sent.message_id);
    });
  }

  /** Telegram lets a bot remove messages of the last 48 hours, a hundred at a time. */
  async wipe(chat: Chat, refs: string[]): Promise<Outcome> {
    for (let i = 0; i < refs.length; i += mostWiped) {
      const outcome = await this.#wipe(chat, refs.slice(i, i + mostWiped).map(Number));
      if (outcome.kind !== 'sent') return outcome;
    }
    return { kind: 'sent', ref: null };
  }

  /** One message that may not be removed has Telegram refuse all that came with it, so what is refused is halved. */
  async #wipe(chat: Chat, ids: number[]): Promise<Outcome> {
    const outcome = await this.#outcome(async () => {
      await this.#api.deleteMessages(Number(chat.address), ids);
      return null;
    });
    if (outcome.kind !== 'refused') return outcome;
    const middle = Math.ceil(ids.length / 2);
    for (const part of ids.length > 1 ? [ids.slice(0, middle), ids.slice(middle)] : []) {
      const halved = await this.#wipe(chat, part);
      if (halved.kind !== 'sent') return halved;
    }
    return { kind: 'sent', ref: null };
  }

  async #outcome(request: () => Promise<string | null>): Promise<Outcome> {
    try {
      return { kind: 'sent', ref: await request() };
    } catch (error) {
      return outcomeOf(error);
    }
  }
}

/** Reads an error of the client: was it surely not sent, refused for good, or is nobody to know? */
export function outcomeOf(error: unknown): Outcome {
  if (error instanceof GrammyError) {
    const { error_code: code, description, parameters } = error;
    if (code === 429) return { kind: 'later', wait: (parameters.retry_after ?? 1) * 1000, everybody: false };
    if (code === 403 || /chat not found|user is deactivated|PEER_ID_INVALID/i.test(description)) {
      return { kind: 'unreachable' };
    }
    if (code === 401 || code === 404) return { kind: 'later', wait: 60_000, everybody: true };
    if (code >= 500) return { kind: 'ambiguous' };
    return { kind: 'refused', why: String(code) };
  }
  if (error instanceof HttpError) {
    return neverLeft.has(codeOf(error.error))
      ? { kind: 'later', wait: null, everybody: false }
      : { kind: 'ambiguous' };
  }
  throw error;
}

/** With these the request never reached the platform. */
const neverLeft = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ENETUNREACH',
  'EHOSTUNREACH',
  'CERT_HAS_EXPIRED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'ERR_TLS_CERT_ALTNAME_INVALID',
]);

/** The client's types know a signal by another name. */
const soon = () => AbortSignal.timeout(patience) as never;

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}

/** A short reason without addresses. */
function reason(error: unknown): string {
  if (error instanceof GrammyError) return String(error.error_code);
  if (error instanceof HttpError) return codeOf(error.error) || 'no-answer';
  return error instanceof Error ? error.name : typeof error;
}

function rest(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done);
  });
}
