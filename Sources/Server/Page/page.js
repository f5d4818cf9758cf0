// The page at `/`: asks the API the way any client does, and shows what it says. Text is only ever set as text.
'use strict';

const $ = (id) => document.getElementById(id);
const ended = ['succeeded', 'failed', 'canceled'];
let key = sessionStorage.getItem('limner-key') ?? '';

// --- asking ---

class Refusal extends Error {
  constructor(status, problem) {
    const errors = (problem.errors ?? []).map(({field, detail}) => `${field}: ${detail}`);
    super(errors.length ? errors.join(' ') : problem.detail ?? problem.title ?? `The service answered ${status}.`);
    this.status = status;
  }
}

async function ask(path, options = {}) {
  const headers = new Headers(options.headers);
  if (key) headers.set('Authorization', `Bearer ${key}`);
  const response = await fetch(path, {cache: 'no-store', ...options, headers});
  if (response.ok) return response;
  if (response.status === 401) $('door').hidden = false;
  throw new Refusal(response.status, await response.json().catch(() => ({})));
}

const json = async (path, options) => (await ask(path, options)).json();
const picture = async (path) => URL.createObjectURL(await (await ask(path)).blob());
const pause = (seconds) => new Promise((done) => setTimeout(done, 1000 * seconds));

// The events of a text/event-stream body (HTML standard §9.2.6, of which the service uses id, event and data).
async function* events(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  for (;;) {
    const {value, done} = await reader.read();
    if (done) return;
    const blocks = (rest + value).split('\n\n');
    rest = blocks.pop();
    for (const block of blocks) {
      const fields = Object.fromEntries(block.split('\n').map((line) => line.split(/: (.*)/s)));
      if (fields.event) yield fields;
    }
  }
}

// Follows a job to its end, over connections that break. EventSource could not send the key.
async function follow(id, tell) {
  let last = '';
  for (;;) {
    try {
      const headers = {Accept: 'text/event-stream', ...(last && {'Last-Event-ID': last})};
      const response = await ask(`v1/jobs/${id}/events`, {headers});
      if (response.status === 204) return json(`v1/jobs/${id}`);
      for await (const event of events(response.body)) {
        last = event.id;
        const data = JSON.parse(event.data);
        if (ended.includes(event.event)) return data;
        tell(event.event, data);
      }
    } catch (error) {
      if (error instanceof Refusal && error.status !== 503) throw error;
    }
    await pause(2);
  }
}

// --- work ---

function say(text) { $('news').textContent = text; }

class Card {
  constructor(job, title) {
    this.id = job.id;
    this.title = title;
    this.node = $('job').content.cloneNode(true).firstElementChild;
    this.part('h3').textContent = title;
    this.part('.cancel').onclick = () => this.cancel();
    this.tell('queued', job);
  }

  part(selector) { return this.node.querySelector(selector); }

  state(text) { this.part('.state').textContent = text; }

  show(source, description) {
    const image = this.part('img');
    [image.src, image.alt, image.hidden] = [source, description, false];
  }

  tell(event, data) {
    const bar = this.part('progress');
    if (event === 'queued') this.state(data.position > 1 ? `Waiting, place ${data.position}` : 'Waiting');
    if (event === 'started') this.state('Begun');
    if (event === 'progress') {
      this.state(`${data.stage}, step ${data.step} of ${data.steps}`);
      bar.value = data.step / data.steps;
    } else if (event !== 'preview') {
      bar.removeAttribute('value');
    }
    if (event === 'preview') this.show(data.image, `${this.title}, not finished`);
  }

  cancel() {
    this.state('Being cancelled');
    ask(`v1/jobs/${this.id}/cancel`, {method: 'POST'}).catch((error) => this.state(error.message));
  }

  async follow() {
    try {
      await this.end(await follow(this.id, (event, data) => this.tell(event, data)));
    } catch (error) {
      this.fail(error.message);
    }
    this.part('progress').hidden = this.part('.cancel').hidden = true;
  }

  async end(job) {
    for (const warning of job.warnings ?? []) {
      this.part('.warnings').append(Object.assign(document.createElement('li'), {textContent: warning}));
    }
    if (job.status !== 'succeeded') return this.fail(job.error?.detail ?? 'Cancelled');
    if (job.kind === 'tune') {
      await listStyles();
      this.state('Learned. Choose it above to draw with it.');
    } else {
      await this.result(job);
    }
    say(`${this.title}: done`);
  }

  async result(job) {
    const source = await picture(`v1/jobs/${job.id}/result`);
    this.show(source, this.title);
    const save = this.part('.save');
    [save.href, save.hidden] = [source, false];
    save.download = `${this.title.replace(/[^\p{L}\p{N}._-]+/gu, '-')}.${job.result.format}`;
    this.state(`${job.result.width} × ${job.result.height}, seed ${job.seed}`);
  }

  fail(text) {
    this.state(text);
    this.part('.state').classList.add('failed');
    say(`${this.title}: ${text}`);
  }
}

// Jobs are drawn in their order, so one stream at a time tells all there is to tell.
async function followAll(cards) {
  $('work').prepend(...cards.map(({node}) => node));
  $('no-work').hidden = true;
  for (const card of cards) await card.follow();
}

// --- styles ---

async function listStyles() {
  const {styles} = await json('v1/styles');
  const chosen = new FormData($('draw')).getAll('style');
  $('styles').replaceChildren(...styles.map((style) => styleRow(style, chosen.includes(style.name))));
  $('no-styles').hidden = styles.length > 0;
}

function styleRow(style, isChosen) {
  const row = $('style').content.cloneNode(true).firstElementChild;
  const [box, image] = row.querySelectorAll('input, img');
  [box.value, box.checked] = [style.name, isChosen];
  row.querySelector('.name').textContent = style.name;
  row.querySelector('label').title = style.description ?? '';
  row.querySelector('.export').setAttribute('aria-label', `Download ${style.name}`);
  row.querySelector('.export').onclick = () => download(`v1/styles/${style.name}/export`, `${style.name}.safetensors`);
  if (style.thumbnail) {
    picture(`v1/styles/${style.name}/thumbnail`).then((source) => {
      [image.src, image.hidden] = [source, false];
    }, () => {});
  }
  return row;
}

async function download(path, name) {
  const source = await picture(path);
  Object.assign(document.createElement('a'), {href: source, download: name}).click();
  URL.revokeObjectURL(source);
}

// --- forms ---

// Runs what a form is for, once at a time, and puts what goes wrong under it.
function onSubmit(form, body) {
  const [button, trouble] = [form.querySelector('button:not([type=button])'), form.querySelector('[role=alert]')];
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    trouble.textContent = '';
    button.disabled = true;
    try {
      await body(new FormData(form));
    } catch (error) {
      trouble.textContent = error instanceof Refusal ? error.message : 'The service cannot be reached.';
    }
    button.disabled = false;
  });
}

onSubmit($('learn'), async (form) => {
  const job = await json('v1/instructions', {method: 'POST', body: form});
  followAll([new Card(job, `Style ${job.style}`)]);
});

onSubmit($('draw'), async (form) => {
  for (const name of [...new Set(form.keys())]) if (form.get(name) === '') form.delete(name);
  const answer = await json('v1/sketch', {method: 'POST', body: form, headers: {Accept: 'application/json'}});
  const names = form.getAll('photo').map(({name}) => name.replace(/\.[^.]*$/, ''));
  const title = (job) => `${names[(job.photo ?? 1) - 1]}, ${job.style ?? 'in words'}`;
  followAll((answer.jobs ?? [answer]).map((job) => new Card(job, title(job))));
});

onSubmit($('door-form'), async () => {
  key = $('key').value.trim();
  await begin();
  sessionStorage.setItem('limner-key', key);
  $('door').hidden = true;
});

for (const input of document.querySelectorAll('.pair input')) {
  input.addEventListener('change', () => {
    const image = input.nextElementSibling;
    URL.revokeObjectURL(image.src);
    [image.hidden, image.src] = [!input.files.length, input.files.length ? URL.createObjectURL(input.files[0]) : ''];
  });
}

async function begin() {
  await listStyles();
  const {model, version, limits} = await json('v1/info');
  const hours = Math.round(limits.retention_seconds / 360) / 10;
  $('about').textContent = `Limner ${version}, model ${model.name}. Photos and sketches are removed ${hours} hours after they are done.`;
}

begin().catch((error) => say(error.message));
