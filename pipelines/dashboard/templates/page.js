// Draws the charts in the reader's colour scheme and obeys the selects. Nothing else.
const specs = JSON.parse(document.getElementById('charts').textContent);
const themes = JSON.parse(document.getElementById('themes').textContent);
const broken = document.getElementById('page-script').dataset.broken;
const isDark = matchMedia('(prefers-color-scheme: dark)');
const views = {};

async function draw(id) {
  const element = document.getElementById(id);
  const config = themes[isDark.matches ? 'dark' : 'light'];
  try {
    views[id]?.finalize();
    views[id] = (await window.vegaEmbed(element, specs[id], { actions: false, renderer: 'svg', config })).view;
    for (const select of document.querySelectorAll(`select[data-target="${id}"]`)) {
      await views[id].signal(select.id, select.value).runAsync();
    }
  } catch (error) {
    element.replaceChildren(Object.assign(document.createElement('p'), { className: 'notice', textContent: broken }));
    console.error(id, error);
  }
}

async function drawAll() {
  for (const id of Object.keys(specs)) await draw(id);
  document.documentElement.dataset.ready = isDark.matches ? 'dark' : 'light';
}

for (const select of document.querySelectorAll('select[data-target]')) {
  select.addEventListener('change', () => {
    if (select.dataset.target === 'tables') {
      for (const part of document.querySelectorAll(`[data-choice="${select.id}"]`)) {
        part.hidden = part.dataset.option !== select.value;
      }
    } else {
      views[select.dataset.target]?.signal(select.id, select.value).runAsync();
    }
  });
}

// The section in view is marked in the navigation.
const links = new Map([...document.querySelectorAll('nav a')].map((a) => [a.hash.slice(1), a]));
const watcher = new IntersectionObserver((entries) => {
  for (const entry of entries) {
    if (!entry.isIntersecting) continue;
    for (const link of links.values()) link.removeAttribute('aria-current');
    links.get(entry.target.id)?.setAttribute('aria-current', 'true');
  }
}, { rootMargin: '-20% 0px -70% 0px' });
for (const section of document.querySelectorAll('main > section')) watcher.observe(section);

isDark.addEventListener('change', drawAll);
await drawAll();
