/**
 * What all the bots here have in common: the settings they are started with, and the step they play, which is as long as the
 * menu of Bli med.
 */
const { PORT, REDIS_URL, API_ROOT, TOKEN, SECRET } = process.env;

export const settings = {
  port: Number(PORT),
  redis: REDIS_URL,
  apiRoot: API_ROOT,
  token: TOKEN,
  secret: SECRET,
};

export const botInfo = {
  ...{ id: 1, is_bot: true, first_name: 'Bench', username: 'bench_bot', can_join_groups: false },
  ...{ can_read_all_group_messages: false, supports_inline_queries: false, has_main_web_app: false },
  ...{ can_connect_to_business: false, has_topics_enabled: false, allows_users_to_create_topics: false },
};

export const menu = 'Hva vil du snakke om nå? Du kan velge, eller skrive det med egne ord.';
export const keyboard = {
  inline_keyboard: [
    'Finne et møte',
    'Noe som holder meg tilbake',
    'Hvordan er et møte?',
    'Innstillinger',
  ].map((text, i) => [{ text, callback_data: `step:${i}` }]),
};
