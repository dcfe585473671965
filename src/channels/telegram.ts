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
import { allowedUpdates, inboundOf, type TapTrace, tapOf } from './telegram-updates.ts';

const name = 'telegram';
/** A poll is held open this long by the server, in seconds. */
const pollSeconds = 25;

export type TelegramOptions = { token: string; apiRoot: string; log: Log };

/** Says what to do, and nothing of the token. */
export class TokenRefused extends Error {
  constructor() {
    super('Telegram does not know this bot: set TELEGRAM_BOT_TOKEN to the token that BotFather gave.');
    this.name = 'TokenRefused';
  }
}

export class Telegram implements Channel {
  readonly name = name;
  /** Telegram's own figures: about 30 messages a second in all, one a second to one chat, short bursts allowed. */
  readonly pace = { overall: 28, each: 1, burst: 3 };
  readonly #api: Api;
  readonly #log: Log;
  #polling: AbortController | null = null;
  #polled: Promise<void> | null = null;

  constructor({ token, apiRoot, log }: TelegramOptions) {
    this.#api = new Api(token, { apiRoot, timeoutSeconds: 60 });
    this.#log = log;
  }

  /** The bot's name; null while the platform does not answer. @throws TokenRefused */
  async whoAmI(): Promise<string | null> {
    try {
      return (await this.#api.getMe()).username;
    } catch (error) {
      if (error instanceof GrammyError && (error.error_code === 401 || error.error_code === 404)) {
        throw new TokenRefused();
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

  /** Begins long polling; each update is received before the next offset is asked for. */
  poll(receive: Receive): void {
    this.#polling = new AbortController();
    this.#polled = this.#loop(receive, this.#polling.signal);
  }

  async stop(): Promise<void> {
    this.#polling?.abort();
    await this.#polled;
  }

  /** Points Telegram at our webhook. `secret` comes back in a header of every call. */
  async hook(url: string, secret: string): Promise<void> {
    await this.#api.setWebhook(url, { secret_token: secret, allowed_updates: [...allowedUpdates] });
  }

  async #loop(receive: Receive, signal: AbortSignal): Promise<void> {
    let offset = 0;
    let failures = 0;
    await this.#api.deleteWebhook().catch(() => {});
    while (!signal.aborted) {
      try {
        const updates = await this.#api.getUpdates(
          { offset, timeout: pollSeconds, limit: 100, allowed_updates: [...allowedUpdates] },
          signal as never,
        );
        for (const update of updates) {
          if (signal.aborted) return;
          await this.take(update, receive);
          offset = update.update_id + 1;
        }
        failures = 0;
      } catch (error) {
        if (signal.aborted) break;
        failures++;
        const wait =
          error instanceof GrammyError
            ? (error.parameters.retry_after ?? 1) * 1000
            : 500 * 2 ** Math.min(failures, 6);
        this.#log.warn(
          { event: 'poll-failed', code: reason(error), count: failures },
          'asking Telegram for updates failed',
        );
        await rest(wait, signal);
      }
    }
    // Tells the server what has been committed, so that a calm restart gets nothing twice.
    if (offset > 0) await this.#api.getUpdates({ offset, timeout: 0, limit: 1 }).catch(() => {});
  }

  /** One raw update, as polled or posted. Resolves when it is committed, or is none of ours. */
  async take(update: unknown, receive: Receive): Promise<void> {
    const inbound: Inbound | null = inboundOf(update);
    if (!inbound) return;
    await receive(inbound);
    const tap = tapOf(update);
    if (tap) await this.#acknowledge(tap);
  }

  /** Stops the button's waiting sign and leaves the chosen answer in place of the buttons. Cosmetic, so best effort. */
  async #acknowledge(tap: TapTrace): Promise<void> {
    await this.#api.answerCallbackQuery(tap.query).catch(() => {});
    if (tap.text === null) return;
    const answered = tap.label === null ? tap.text : `${tap.text}\n\n– ${tap.label}`;
    await this.#api.editMessageText(tap.chat, tap.message, answered).catch(() => {});
  }

  async send(chat: Chat, message: Outgoing, file: SendableFile | null): Promise<Outcome> {
    const to = Number(chat.address);
    const keyboard = message.buttons.map((button) => [
      'url' in button
        ? { text: button.label, url: button.url }
        : { text: button.label, callback_data: button.data },
    ]);
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
    for (let i = 0; i < refs.length; i += 100) {
      const ids = refs.slice(i, i + 100).map(Number);
      const outcome = await this.#outcome(async () => {
        await this.#api.deleteMessages(Number(chat.address), ids);
        return null;
      });
      if (outcome.kind !== 'sent' && outcome.kind !== 'refused') return outcome;
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
]);

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}

/** A short reason without addresses. */
function reason(error: unknown): string {
  if (error instanceof GrammyError) return String(error.error_code);
  return (error instanceof HttpError && codeOf(error.error)) || 'no-answer';
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
