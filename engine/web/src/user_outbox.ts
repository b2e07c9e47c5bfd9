// SPDX-License-Identifier: Apache-2.0
// The outbox of who is logged in, over the engine's API.
import { api, kSessionLost, uploads } from "./api";
import { Outbox, type Wire } from "./outbox";
import { kNow } from "./poll";
import { expire, MemoryRecords, openRecords, SealedStore } from "./sealed_store";
import { t } from "./text";

const kEvery = 15_000;

const wire: Wire = {
  ...uploads,
  ask: ({ id, caseId, request, keep, uploads: sent }) =>
    caseId ? api.command(caseId, "complete", request, id, sent) : api.submit(request, sent, keep, id),
  words: (what, name) => (what === "file_lost" ? t("web.outbox.file_lost", { name }) : t("web.error.page")),
};

let current: Outbox | undefined;
let timer = 0;
// The session has ended or is locked: nothing is tried until its owner is back. The engine writes down each refusal.
let lost = false;
const turn = (): void => {
  if (!lost && navigator.onLine && current?.all.some(({ stage }) => stage === "waiting")) void current.run();
};
const heard: [string, () => void][] = [
  ["online", turn],
  [kSessionLost, () => void (lost = true)],
  [kNow, () => {
    lost = false;
    turn();
  }],
];

/** Of this user, until the next one; what he left goes on its way. */
export async function openOutbox(user: string): Promise<Outbox> {
  const records = await openRecords();
  await expire(records, Date.now());
  leaveOutbox();
  // Some private windows have a database that takes no key: nothing lasts there, and the page says so.
  const store = await SealedStore.open(records, user).catch(() => SealedStore.open(new MemoryRecords(), user));
  current = new Outbox(store, wire);
  await current.load();
  lost = false;
  timer = window.setInterval(turn, kEvery);
  for (const [name, hears] of heard) window.addEventListener(name, hears);
  turn();
  return current;
}
/** Leaves what waits where it is. */
export function leaveOutbox(): void {
  current?.close();
  current = undefined;
  clearInterval(timer);
  for (const [name, hears] of heard) window.removeEventListener(name, hears);
}
/** Nothing of the user stays on this device. */
export async function dropOutbox(): Promise<void> {
  const { store } = current ?? {};
  leaveOutbox();
  await store?.drop();
}
