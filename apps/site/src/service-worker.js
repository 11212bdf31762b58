/* global VERSION, FIRST, LATER, IF_ASKED -- build/offline.ts writes them above this line. */
const CACHE = `clearmaps-${VERSION}`;

/** What the first digit needs is kept at once. */
addEventListener('install', (event) => {
  event.waitUntil(
    caches
      .open(CACHE)
      .then((cache) => cache.addAll(FIRST))
      .then(() => skipWaiting()),
  );
});

addEventListener('activate', (event) => {
  const old = (name) => name.startsWith('clearmaps-') && name !== CACHE;
  event.waitUntil(
    caches
      .keys()
      .then((names) => Promise.all(names.filter(old).map((name) => caches.delete(name))))
      .then(() => clients.claim()),
  );
});

/** The page has shown its first map and has time: the rest. */
addEventListener('message', (event) => {
  if (event.data !== 'keep the rest') return;
  event.waitUntil(
    caches.open(CACHE).then(async (cache) => {
      for (const name of LATER) if (!(await cache.match(name))) await cache.add(name);
    }),
  );
});

/** The kept copy first: names change with their contents. The page itself comes from the network where there is one. */
addEventListener('fetch', (event) => {
  const { request } = event;
  if (request.method !== 'GET' || !request.url.startsWith(registration.scope)) return;
  if (request.mode === 'navigate') {
    event.respondWith(fetch(request).catch(async () => (await caches.match('./')) ?? Response.error()));
    return;
  }
  event.respondWith(caches.match(request, { ignoreVary: true }).then((kept) => kept ?? fromNetwork(request)));
});

async function fromNetwork(request) {
  const response = await fetch(request);
  const isKept = IF_ASKED.some((name) => new URL(name, registration.scope).href === request.url);
  if (isKept && response.ok) await (await caches.open(CACHE)).put(request, response.clone());
  return response;
}
