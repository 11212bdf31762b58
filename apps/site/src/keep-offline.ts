/** Keeps the site for visits without a network: what the first digit needs at once, the rest when there is time. */
export async function keepOffline(): Promise<void> {
  if (!import.meta.env.PROD || !('serviceWorker' in navigator)) return;
  await navigator.serviceWorker.register('./service-worker.js');
  const { active } = await navigator.serviceWorker.ready;
  setTimeout(() => active?.postMessage('keep the rest'), 3000);
}
