/**
 * Puts the whole program together: the only file that knows every other. It reads the command line, starts what was
 * asked for, and stops it calmly. Whatever forbids a start is said in plain words, all at once.
 */
import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import QRCode from 'qrcode';
import { SettingRefused, Telegram } from './channels/telegram.ts';
import { WebChannel } from './channels/web.ts';
import { type Config, ConfigFaults, publicUrl, readConfig } from './config.ts';
import { toLocal } from './core/time.ts';
import { Deliverer } from './engine/deliver.ts';
import { NoMasterKey } from './engine/master-key.ts';
import { Outage } from './engine/outage.ts';
import {
  CannotStart,
  notes,
  openProgram,
  ownClinic,
  type Program,
  placesFolder,
  root,
} from './engine/program.ts';
import { Refresh, type RefreshParts } from './engine/refresh.ts';
import { Worker } from './engine/worker.ts';
import { createLog } from './log.ts';
import { staleLines } from './sources/help-lines.ts';
import { agentOf } from './sources/lists/fetch.ts';
import { askInThread } from './sources/lists/thread.ts';
import { loadShownCommands } from './sources/speech.ts';
import { FileFaults } from './sources/yaml-file.ts';
import { Unsealable } from './store/seal.ts';
import { commandLine } from './tools/command-line.ts';
import { invitationLinks } from './tools/invite.ts';
import { chatRoutes } from './web/chat.ts';
import { DemoClock } from './web/demo.ts';
import { Desk } from './web/desk.ts';
import { webhookRoute } from './web/webhook.ts';
import { readWebWords } from './web/words.ts';

/** `argv`: what was given after the program's name; nothing starts the server. */
export async function main(argv: string[]): Promise<void> {
  try {
    await commandLine({ start }).parseAsync(argv, { from: 'user' });
  } catch (error) {
    if (!isPlain(error)) throw error;
    process.stderr.write(`${error.message}\n`);
    // A connection that is open would keep the process alive.
    process.exit(1);
  }
}

/** Errors whose message is written for whoever started the program. */
const isPlain = (error: unknown): error is Error =>
  [ConfigFaults, FileFaults, CannotStart, NoMasterKey, Unsealable, SettingRefused].some(
    (kind) => error instanceof kind,
  );

async function start(): Promise<void> {
  const config = readConfig();
  const log = createLog(config.logLevel);
  const program = await openProgram(config, log);
  const { store, engine, vault, clock, reference, crash } = program;
  reference.freeText.learnAhead();

  const web = new WebChannel();
  const telegram = config.telegram
    ? new Telegram({ ...config.telegram, token: config.telegram.token.reveal(), log })
    : null;
  const deliverer = new Deliverer({
    vault,
    engine,
    channels: telegram ? [web, telegram] : [web],
    clock,
    log,
    crash,
  });
  const worker = new Worker({ store, engine, deliverer, clock, log });
  if (!(await worker.takeLease()) && !config.redis) {
    throw new CannotStart(
      'Another process is already running on this store: stop it, or choose another DATA_DIR.',
    );
  }
  if (telegram) {
    const username = await telegram.whoAmI();
    if (username) await store.setNote(notes.bot, username);
    void telegram.introduce(loadShownCommands(`${root}/content`));
  }
  const stale = staleLines(reference.helpLines, toLocal(clock.now(), config.clinic.zone).date);
  if (stale.length > 0) {
    log.warn(
      { event: 'help-lines-stale', count: stale.length },
      'help lines were not checked for over 90 days',
    );
  }

  const app = new Hono();
  const failed = (error: unknown) => log.error({ event: 'request-failed', err: error }, 'a request failed');
  app.get('/healthz', (c) => c.json({ ok: true }));
  app.get('/readyz', async (c) => {
    await store.note(notes.mode);
    return c.json({ ok: true });
  });
  app.onError((error, c) => {
    failed(error);
    return c.json({ ok: false }, 503);
  });
  const webhook = config.telegram?.webhook;
  if (telegram && webhook) {
    const take = (update: unknown) => telegram.take(update, (inbound) => engine.receive(inbound));
    app.route(
      '/',
      webhookRoute({ path: new URL(webhook.url).pathname, secret: webhook.secret.reveal(), take, failed }),
    );
  }
  // The address is known only when the port is, and the chat shows links with it.
  const late = { chat: new Hono() };
  app.all('*', (c) => late.chat.fetch(c.req.raw));
  const { server, port } = await listen(app, config.web.host, config.web.port, 'PORT');
  const address = publicUrl(config.web, port);
  await store.setNote(notes.web, address);
  const demo = config.mode === 'demo' ? new DemoClock({ clock, store, worker }) : null;
  const links = demo ? await demoLinks(program, config) : null;
  late.chat = chatRoutes({
    desk: new Desk({
      ...{ engine, vault, channel: web, words: reference.words, clock },
      ...(config.redis ? { looksEvery: 1_000 } : {}),
    }),
    words: readWebWords(`${root}/content`),
    secure: address.startsWith('https:'),
    demo,
    zone: config.clinic.zone,
    failed,
    ...(links ? { invitationLink: links.web } : {}),
  });

  const figures = await figuresOf(program, config);
  await announce(config, address, links);
  worker.start();
  const refresh = new Refresh({ lists: program.lists, store, clock, log, ask: asking(program, config) });
  refresh.start();
  if (telegram && webhook) await telegram.hook(webhook.url, webhook.secret.reveal());
  else {
    const outage = new Outage({ store, engine, clock });
    let polling = Promise.resolve();
    // Telegram answers one poller only: whoever delivers also asks.
    worker.onLease((held) => {
      polling = polling.then(async () => {
        if (!held) await telegram?.stop();
        else
          telegram?.poll(
            (inbound) => engine.receive(inbound),
            () => outage.caughtUp(),
          );
      });
    });
  }
  const stop = async (signal: string) => {
    log.info({ event: 'stopping', signal }, 'stopping');
    server.close();
    figures?.server.close();
    await telegram?.stop();
    await refresh.stop();
    await worker.stop();
    await store.close();
    process.exit(0);
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void stop(signal));
  log.info({ event: 'started', mode: config.mode, port }, 'started');
}

type Listening = { server: ReturnType<typeof serve>; port: number };

function listen(app: Hono, hostname: string, port: number, setting: string): Promise<Listening> {
  return new Promise((resolve, reject) => {
    const server = serve({ fetch: app.fetch, hostname, port }, (info) =>
      resolve({ server, port: info.port }),
    );
    server.once('error', (error: Error & { code?: string }) => {
      reject(
        error.code === 'EADDRINUSE'
          ? new CannotStart(`Port ${port} is taken: stop what uses it, or set ${setting} to another one.`)
          : error,
      );
    });
  });
}

/** Whoever serves a list is told who asks and whom to write to; without such a contact nobody is asked. */
function asking({ clock }: Program, { clinic }: Config): RefreshParts['ask'] {
  const { listsContact, zone } = clinic;
  if (listsContact === null) return null;
  return (source, validators, signal) =>
    askInThread(
      {
        source,
        manner: { agent: agentOf(listsContact), validators },
        today: toLocal(clock.now(), zone).date,
        places: placesFolder,
      },
      signal,
    );
}

/** The figures have a port of their own, since they are for the operator and not for everybody. */
async function figuresOf({ engine, ...rest }: Program, config: Config): Promise<Listening | null> {
  if (config.metricsPort === null) return null;
  const { metrics } = engine;
  metrics.watch(rest);
  const app = new Hono();
  app.get('/metrics', async (c) => c.body(await metrics.text(), 200, { 'content-type': metrics.type }));
  return listen(app, config.web.host, config.metricsPort, 'METRICS_PORT');
}

type Links = { web: string; telegram: string | null };

/** Two invitations, since each works once: one to try the web chat with, one for Telegram. */
async function demoLinks({ engine, store }: Program, config: Config): Promise<Links> {
  const wish = {
    clinic: ownClinic,
    alias: 'demo',
    discharge: null,
    young: false,
    lasts: config.clinic.invitationDays * 24 * 3_600_000,
  };
  const links = async () => invitationLinks(store, (await engine.directory.invite(wish)).token);
  const web = (await links()).web;
  return { web, telegram: config.telegram ? (await links()).telegram : null };
}

async function announce(config: Config, address: string, links: Links | null): Promise<void> {
  const lines = [`Bli med listens on ${address}`];
  if (links) {
    lines.unshift(
      '',
      'THIS IS A DEMO: invented meetings, a throw-away key, this machine only. Not for real patients.',
      '',
    );
    lines.push('', `An invitation for a demo patient, for the web chat:\n  ${links.web}`);
    if (links.telegram) {
      lines.push('', `Another one, for Telegram:\n  ${links.telegram}`);
      lines.push(await QRCode.toString(links.telegram, { type: 'terminal', small: true }));
    }
  }
  if (!config.telegram) lines.push('', 'Telegram is off: set TELEGRAM_BOT_TOKEN to switch it on.');
  process.stdout.write(`${lines.join('\n')}\n\n`);
}
