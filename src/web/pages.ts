// The pages a person's browser is given: landing, chat, the neutral page, the printed plan and the plain message page.
// They are whole HTML documents without inline script or style, for cheap phones and screen readers; values are escaped
// by hono/html. The tab's title and icon must never say what the page is about: phones are shared.

import { html, raw } from 'hono/html';
import type { PageWords, WebLanguage, WebWords } from './words.ts';

/** What every page needs: `assets` is the versioned folder of script and style, such as `/chat/assets/1f3c…`. */
export type PageSetting = {
  words: WebWords;
  language: WebLanguage;
  assets: string;
  demo: boolean;
  zone: string;
};

/** What a person has agreed to, as the desk words it: `language` as a BCP 47 tag, one string per printed line. */
export type PrintedPlan = { language: string; title: string; lines: string[] };

type Piece = ReturnType<typeof html>;

const icon =
  'data:image/svg+xml,' +
  encodeURIComponent(
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><circle cx="8" cy="8" r="6" fill="#8a8a86"/></svg>',
  );

function page(
  language: string,
  title: string,
  assets: string,
  kind: string,
  body: Piece,
  head: Piece | '' = '',
) {
  return html`<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1, interactive-widget=resizes-content">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<title>${title}</title>
<link rel="icon" href="${icon}">
<link rel="stylesheet" href="${assets}/chat.css">
${head}
</head>
<body class="${kind}">
${body}
</body>
</html>`;
}

// The page's script finds the words again by these marks when the conversation turns out to be in another language.
const said = (words: PageWords, key: keyof PageWords) => html`<span data-word="${key}">${words[key]}</span>`;

const urgent = (words: PageWords) =>
  html`<p class="footer">${said(words, 'footer')} ${said(words, 'urgent')} <a href="tel:113">113</a>.</p>`;

/** The front page: what this is, that a machine answers, and the way in. */
export function landingPage({ words, language, assets, demo }: PageSetting, invitationLink?: string) {
  const w = words[language];
  return page(
    language,
    w.hello,
    assets,
    'sheet',
    html`<main>
${demo ? html`<p class="demo-note">${w.demo}</p>` : ''}
<h1>${w.hello}</h1>
<p class="lead">${w.lead}</p>
<p>${w.what}</p>
<p>${w.machine}</p>
<p><a class="primary" href="/chat">${w.toChat}</a></p>
${invitationLink ? html`<p><a class="secondary" href="${invitationLink}">${w.tryInvited}</a></p>` : ''}
</main>
${urgent(w)}`,
  );
}

const demoBar = (w: PageWords) => html`<aside class="demo" id="demo">
<p>${said(w, 'demo')} <span id="demo-now"></span></p>
<button type="button" id="demo-next">${said(w, 'demoNext')}</button>
<button type="button" id="demo-later">${said(w, 'demoLater')}</button>
</aside>`;

/** The chat itself; the script fills the log. Words of all languages travel along, as data, for switching. */
export function chatPage({ words, language, assets, demo, zone }: PageSetting) {
  const w = words[language];
  const settings = JSON.stringify({ words, zone }).replaceAll('<', '\\u003c');
  return page(
    language,
    w.chat,
    assets,
    'chat',
    html`<div id="app">
<header>
<h1 class="unseen">${said(w, 'chat')}</h1>
<button type="button" id="help">${said(w, 'help')}</button>
<button type="button" id="menu" hidden>${said(w, 'menu')}</button>
<button type="button" id="hide">${said(w, 'hide')}</button>
<details id="more" hidden>
<summary aria-label="${w.more}" data-word-label="more"><span aria-hidden="true">⋯</span></summary>
<div>
<a class="secondary" href="/chat/plan">${said(w, 'print')}</a>
<button type="button" id="forget">${said(w, 'forget')}</button>
</div>
</details>
</header>
${demo ? demoBar(w) : ''}
<p id="status" role="status"></p>
<main>
<section id="start">
<p id="start-why" data-word="loading">${w.loading}</p>
<div id="start-ways" hidden>
<button type="button" class="primary" id="start-on">${said(w, 'start')}</button>
<button type="button" class="secondary" id="start-new" hidden>${said(w, 'startNew')}</button>
<p class="small">${said(w, 'startMachine')}</p>
<p class="small">${said(w, 'reminders')}</p>
<p class="small">${said(w, 'startCookie')}</p>
</div>
<noscript><p>${w.noScript}</p></noscript>
</section>
<div id="log" role="log" aria-live="off" tabindex="0" hidden aria-label="${w.conversation}" data-word-label="conversation">
<p class="small">${said(w, 'reminders')}</p>
</div>
<button type="button" id="news" hidden aria-label="${w.below}" data-word-label="below">↓</button>
</main>
<form id="composer" hidden>
<p id="count" aria-live="polite"></p>
<textarea id="text" rows="1" autocomplete="off" enterkeyhint="send" aria-describedby="count"
 aria-label="${w.write}" data-word-label="write" placeholder="${w.write}"></textarea>
<button id="send" aria-label="${w.send}" data-word-label="send"></button>
</form>
${urgent(w)}
</div>
<div id="away" hidden>${notes(w)}</div>
<script type="application/json" id="settings">${raw(settings)}</script>`,
    html`<link rel="modulepreload" href="${assets}/outbox.js">
<link rel="modulepreload" href="${assets}/conversation.js">
<link rel="modulepreload" href="${assets}/reader.js">
<script type="module" src="${assets}/chat.js"></script>`,
  );
}

const notes = (w: PageWords) => html`<div class="notes">
<a href="/chat" id="back">‹ ${said(w, 'awayBack')}</a>
<textarea autocomplete="off" aria-label="${w.awayWrite}" data-word-label="awayWrite" placeholder="${w.awayWrite}"></textarea>
</div>`;

/** An empty notes page that says nothing about where one was. */
export function awayPage({ words, language, assets }: PageSetting) {
  const w = words[language];
  return page(language, w.awayTitle, assets, 'away', notes(w));
}

/** The plan on paper. The buttons are not printed. */
export function planPage({ words, language, assets }: PageSetting, plan: PrintedPlan) {
  const w = words[language];
  return page(
    language,
    w.chat,
    assets,
    'sheet plan',
    html`<main>
<article lang="${plan.language}">
<h1>${plan.title}</h1>
${plan.lines.map((line) => html`<p>${line}</p>`)}
</article>
<div class="ways">
<button type="button" class="primary" id="print">${w.planPrint}</button>
<a class="secondary" href="/chat">${w.planBack}</a>
<a class="secondary" href="/chat/away" id="hide">${w.hide}</a>
</div>
</main>`,
    html`<script type="module" src="${assets}/plan.js"></script>`,
  );
}

/** One kind sentence and the way back: not found, no plan yet, trouble on our side. */
export function messagePage(
  { words, language, assets }: PageSetting,
  key: 'notFound' | 'busy' | 'failed' | 'planNone' | 'planClosed',
) {
  const w = words[language];
  return page(
    language,
    w.chat,
    assets,
    'sheet',
    html`<main>
<h1>${w[key]}</h1>
<p><a class="primary" href="/chat">${w.toChat}</a></p>
</main>
${urgent(w)}`,
  );
}
