// No framework: a board to draw on, a place to drop pictures, and two addresses to ask.
const byId = (id) => document.getElementById(id);
let status = null;

// --- how the models are ---------------------------------------------------------------------------------------------

async function watch() {
  let wait = 3000;
  try {
    const response = await fetch('api/status', { cache: 'no-store' });
    if (!response.ok) throw new Error(`status ${response.status}`);
    status = await response.json();
    byId('connection').textContent = '';
    for (const name of ['digits', 'cells']) showTraining(byId(name), status[name]);
    if (status.digits.state !== 'ready' || status.cells.state !== 'ready') wait = 500;
  } catch {
    byId('connection').innerHTML = '';
    byId('connection').append(problem('The server does not answer. What you drew is kept; this page asks again every second.'));
    wait = 1000;
  }
  setTimeout(watch, wait);
}

function showTraining(section, model) {
  const training = section.querySelector('.training');
  training.hidden = model.state === 'ready';
  training.querySelector('progress').value = model.share;
  training.querySelector('span').textContent = { waiting: 'Its network is trained next.', training: `Its network is being trained: ${model.message}`, failed: `Its training failed: ${model.message}` }[model.state] ?? '';
}

// --- asking ---------------------------------------------------------------------------------------------------------

/** Asks about a picture; shows the answer, or what is wrong. The newest question of a section wins. */
const asked = { digits: 0, cells: 0 };
async function ask(name, picture) {
  const section = byId(name), number = ++asked[name];
  const [answer, figures] = [section.querySelector('.answer'), section.querySelector('.figures')];
  section.setAttribute('aria-busy', 'true');
  const outcome = await question(name, picture);
  if (number !== asked[name]) return;
  section.removeAttribute('aria-busy');
  if (outcome.problem) {
    answer.replaceChildren(problem(outcome.problem));
    figures.textContent = '';
    return;
  }
  answer.replaceChildren(bars(outcome.scores, status?.[name].labels ?? []));
  figures.textContent = `Answered in ${outcome.milliseconds.toFixed(0)} ms; on the server ${outcome.timing.queue?.dur ?? '?'} ms in the queue, ${outcome.timing.score?.dur ?? '?'} ms scored, in a batch of ${outcome.timing.batch?.desc ?? '?'}.`;
}

async function question(name, picture) {
  const begun = performance.now();
  let response;
  try {
    response = await fetch(`api/${name}`, { method: 'POST', body: picture, headers: { 'Content-Type': picture.type || 'application/octet-stream' } });
  } catch {
    return { problem: 'The server could not be reached, or broke off. Try again when it is back.' };
  }
  const milliseconds = performance.now() - begun;
  const body = await response.json().catch(() => null);
  if (!response.ok) {
    const wait = response.headers.get('Retry-After');
    return { problem: `${body?.detail ?? body?.title ?? `The server answered with status ${response.status}.`}${wait ? ` Try again in ${wait} s.` : ''}` };
  }
  return { scores: body.score, milliseconds, timing: serverTiming(response.headers.get('Server-Timing') ?? '') };
}

function serverTiming(header) {
  return Object.fromEntries(header.split(',').map((part) => {
    const [name, ...values] = part.trim().split(';');
    return [name, Object.fromEntries(values.map((value) => value.split('=').map((side) => side.replaceAll('"', ''))))];
  }));
}

function bars(scores, labels) {
  const list = document.createElement('ol');
  const best = scores.map((score, index) => ({ score, label: labels[index] ?? `${index}` })).sort((a, b) => b.score - a.score).slice(0, 5);
  for (const { score, label } of best) {
    const item = document.createElement('li');
    const [name, track, bar, share] = ['name', 'track', 'bar', 'share'].map((kind) => Object.assign(document.createElement('span'), { className: kind }));
    name.textContent = label;
    bar.style.width = `${(100 * score).toFixed(1)}%`;
    share.textContent = `${(100 * score).toFixed(1)} %`;
    track.append(bar);
    item.append(name, track, share);
    list.append(item);
  }
  return list;
}

function problem(text) {
  const box = document.createElement('p');
  box.className = 'problem';
  box.textContent = text;
  return box;
}

// --- the drawing board ----------------------------------------------------------------------------------------------

const board = byId('board'), ink = board.getContext('2d');
const pen = { x: 140, y: 140, isDown: false };
let hasInk = false;

function wipe() {
  ink.fillStyle = '#000';
  ink.fillRect(0, 0, board.width, board.height);
  hasInk = false;
  ++asked.digits;
  byId('digits').querySelector('.answer').replaceChildren();
  byId('digits').querySelector('.figures').textContent = '';
}

function stroke(fromX, fromY, toX, toY) {
  Object.assign(ink, { strokeStyle: '#fff', lineWidth: 22, lineCap: 'round', lineJoin: 'round' });
  ink.beginPath();
  ink.moveTo(fromX, fromY);
  ink.lineTo(toX, toY);
  ink.stroke();
  hasInk = true;
}

const drawing = () => new Promise((done) => board.toBlob(done, 'image/png'));

let waiting = null;
function askSoon() {
  clearTimeout(waiting);
  waiting = setTimeout(async () => { if (hasInk) await ask('digits', await drawing()); }, 120);
}

function place(event) {
  const box = board.getBoundingClientRect();
  return [(event.clientX - box.left) * board.width / box.width, (event.clientY - box.top) * board.height / box.height];
}

board.addEventListener('pointerdown', (event) => {
  board.setPointerCapture(event.pointerId);
  [pen.x, pen.y] = place(event);
  pen.isDown = true;
  stroke(pen.x, pen.y, pen.x, pen.y);
});
board.addEventListener('pointermove', (event) => {
  if (!pen.isDown || !board.hasPointerCapture(event.pointerId)) return;
  const [x, y] = place(event);
  stroke(pen.x, pen.y, x, y);
  [pen.x, pen.y] = [x, y];
  askSoon();
});
for (const ending of ['pointerup', 'pointercancel'])
  board.addEventListener(ending, () => { pen.isDown = false; if (hasInk) askSoon(); });

board.addEventListener('keydown', (event) => {
  const step = { ArrowLeft: [-10, 0], ArrowRight: [10, 0], ArrowUp: [0, -10], ArrowDown: [0, 10] }[event.key];
  if (step) {
    const [x, y] = [Math.min(270, Math.max(10, pen.x + step[0])), Math.min(270, Math.max(10, pen.y + step[1]))];
    if (pen.isDown) stroke(pen.x, pen.y, x, y);
    [pen.x, pen.y] = [x, y];
    if (pen.isDown) askSoon();
  } else if (event.key === ' ') {
    pen.isDown = !pen.isDown;
    if (pen.isDown) stroke(pen.x, pen.y, pen.x, pen.y);
  } else if (event.key === 'Delete') {
    wipe();
  } else {
    return;
  }
  board.setAttribute('aria-label', `Drawing board for a digit; the pen is ${pen.isDown ? 'down' : 'up'}, ${Math.round(pen.x / 2.8)} % across, ${Math.round(pen.y / 2.8)} % down`);
  event.preventDefault();
});
board.addEventListener('blur', () => { pen.isDown = false; });
byId('wipe').addEventListener('click', wipe);
wipe();

byId('many').addEventListener('click', async () => {
  const figures = byId('digits').querySelector('.figures'), button = byId('many');
  if (!hasInk) {
    byId('digits').querySelector('.answer').replaceChildren(problem('Draw something first.'));
    return;
  }
  button.disabled = true;
  // an answer that is still on its way must not take this one's place
  clearTimeout(waiting);
  ++asked.digits;
  const picture = await drawing(), begun = performance.now();
  const outcomes = await Promise.all(Array.from({ length: 48 }, () => question('digits', picture)));
  const seconds = (performance.now() - begun) / 1000;
  const batches = outcomes.filter((outcome) => !outcome.problem).map((outcome) => Number(outcome.timing.batch?.desc ?? 1));
  figures.textContent = batches.length === 0 ? outcomes[0].problem
    : `${batches.length} answers in ${seconds.toFixed(2)} s, up to ${Math.max(...batches)} of them scored together (a browser asks some six at a time).`;
  button.disabled = false;
});

// --- pictures -------------------------------------------------------------------------------------------------------

const drop = byId('drop'), file = byId('file'), preview = byId('preview');

function take(picture) {
  if (!picture) return;
  URL.revokeObjectURL(preview.src);
  preview.hidden = true;
  byId('drop-text').hidden = false;
  byId('drop-text').textContent = picture.name;
  const most = status?.maxPictureBytes;
  // sent anyway, it would be refused while it is still on its way, and a browser hides why
  if (most && picture.size > most) {
    ++asked.cells;
    byId('cells').querySelector('.answer').replaceChildren(problem(`${picture.name} has ${(picture.size / 1048576).toFixed(1)} MB; at most ${(most / 1048576).toFixed(0)} MB are taken.`));
    byId('cells').querySelector('.figures').textContent = '';
    return;
  }
  preview.onload = () => { preview.hidden = false; byId('drop-text').hidden = true; };
  preview.alt = picture.name;
  preview.src = URL.createObjectURL(picture);
  ask('cells', picture);
}

file.addEventListener('change', () => { take(file.files[0]); file.value = ''; });
for (const kind of ['dragenter', 'dragover'])
  drop.addEventListener(kind, (event) => { event.preventDefault(); drop.classList.add('over'); });
for (const kind of ['dragleave', 'drop'])
  drop.addEventListener(kind, (event) => { event.preventDefault(); drop.classList.remove('over'); });
drop.addEventListener('drop', (event) => take(event.dataTransfer.files[0]));
// a picture that is dropped beside the frame must not replace the page
for (const kind of ['dragover', 'drop'])
  window.addEventListener(kind, (event) => event.preventDefault());

watch();
