// SPDX-License-Identifier: Apache-2.0
// What waits in the browser until it is sent: drafts, questions and their files, each sealed with a
// key of the user's that no page can read out (WebCrypto, not extractable) and that logging out drops.

const kDatabase = "telavis";
const kStores = ["keys", "sealed"] as const;
type StoreName = (typeof kStores)[number];
const kIvBytes = 12; // AES-GCM (NIST SP 800-38D, 8.2.2): random, far fewer than 2^32 records a key
// Nothing of a patient stays on a device for longer than an unfinished request does in the engine.
const kMostDays = 7;

/** Names of the records: questions that have not gone yet, drafts, files of both. */
export const kQuestions = "question/";
export const kDrafts = "draft/";
export const kFiles = "file/";

interface Sealed {
  iv: Uint8Array<ArrayBuffer>;
  bytes: ArrayBuffer;
  at: number; // ms since 1970
}

/** Where records stand. Keys of `sealed` are "user/name". */
export interface Records {
  /** False: gone with the page. */
  readonly lasting: boolean;
  read(store: StoreName, key: string): Promise<unknown>;
  write(store: StoreName, key: string, value: unknown): Promise<void>;
  /** Keeps what is there already. */
  writeFirst(store: StoreName, key: string, value: unknown): Promise<void>;
  remove(store: StoreName, key: string): Promise<void>;
  keys(store: StoreName): Promise<string[]>;
}

/** For browsers that keep nothing, and for tests. */
export class MemoryRecords implements Records {
  readonly lasting = false;
  private readonly stores = { keys: new Map<string, unknown>(), sealed: new Map<string, unknown>() };

  async read(store: StoreName, key: string): Promise<unknown> {
    return this.stores[store].get(key);
  }
  async write(store: StoreName, key: string, value: unknown): Promise<void> {
    this.stores[store].set(key, value);
  }
  async writeFirst(store: StoreName, key: string, value: unknown): Promise<void> {
    if (!this.stores[store].has(key)) this.stores[store].set(key, value);
  }
  async remove(store: StoreName, key: string): Promise<void> {
    this.stores[store].delete(key);
  }
  async keys(store: StoreName): Promise<string[]> {
    return [...this.stores[store].keys()];
  }
}

function done<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

class IndexedRecords implements Records {
  readonly lasting = true;
  constructor(private readonly database: IDBDatabase) {}

  read(store: StoreName, key: string): Promise<unknown> {
    return done(this.database.transaction(store).objectStore(store).get(key));
  }
  write(store: StoreName, key: string, value: unknown): Promise<void> {
    return this.change(store, (records) => records.put(value, key));
  }
  writeFirst(store: StoreName, key: string, value: unknown): Promise<void> {
    return this.change(store, (records) => {
      const found = records.getKey(key);
      found.onsuccess = () => {
        if (found.result === undefined) records.put(value, key);
      };
    });
  }
  remove(store: StoreName, key: string): Promise<void> {
    return this.change(store, (records) => records.delete(key));
  }
  async keys(store: StoreName): Promise<string[]> {
    return (await done(this.database.transaction(store).objectStore(store).getAllKeys())).map(String);
  }
  /** Resolves once it is on the disk as far as the browser says so. */
  private change(store: StoreName, work: (records: IDBObjectStore) => unknown): Promise<void> {
    return new Promise((resolve, reject) => {
      const transaction = this.database.transaction(store, "readwrite");
      transaction.oncomplete = () => resolve();
      transaction.onabort = () => reject(transaction.error);
      work(transaction.objectStore(store));
    });
  }
}

/** The browser's own; memory where it has none to give (private windows). */
export async function openRecords(): Promise<Records> {
  try {
    const request = indexedDB.open(kDatabase, 1);
    request.onupgradeneeded = () => kStores.forEach((name) => request.result.createObjectStore(name));
    return new IndexedRecords(await done(request));
  } catch {
    return new MemoryRecords();
  }
}

/** The records of one user. */
export class SealedStore {
  private constructor(
    private readonly records: Records, private readonly user: string, private readonly key: CryptoKey,
    private readonly crypto: Crypto,
  ) {}

  private dropped = false;

  static async open(records: Records, user: string, crypto: Crypto = globalThis.crypto): Promise<SealedStore> {
    const made = await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
    await records.writeFirst("keys", user, made); // two windows open at once have one key
    const key = (await records.read("keys", user)) as CryptoKey;
    return new SealedStore(records, user, key, crypto);
  }
  get lasting(): boolean {
    return this.records.lasting;
  }

  /** Nothing once it was dropped: what is written late would outlive the log-out. */
  async put(name: string, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    const iv = this.crypto.getRandomValues(new Uint8Array(kIvBytes));
    const sealed = await this.crypto.subtle.encrypt(this.cipher(iv, name), this.key, bytes);
    if (this.dropped) return;
    await this.records.write("sealed", this.at(name), { iv, bytes: sealed, at: Date.now() } satisfies Sealed);
  }
  /** undefined: there is none, or none that this key opens. */
  async get(name: string): Promise<Uint8Array<ArrayBuffer> | undefined> {
    const sealed = (await this.records.read("sealed", this.at(name))) as Sealed | undefined;
    if (!sealed) return undefined;
    try {
      return new Uint8Array(await this.crypto.subtle.decrypt(this.cipher(sealed.iv, name), this.key, sealed.bytes));
    } catch {
      return undefined; // sealed under a key that was dropped, or changed on the disk
    }
  }
  putJson(name: string, value: unknown): Promise<void> {
    return this.put(name, new TextEncoder().encode(JSON.stringify(value)));
  }
  async getJson<T>(name: string): Promise<T | undefined> {
    const bytes = await this.get(name);
    return bytes && (JSON.parse(new TextDecoder().decode(bytes)) as T);
  }
  remove(name: string): Promise<void> {
    return this.records.remove("sealed", this.at(name));
  }
  async names(prefix: string): Promise<string[]> {
    const whole = this.at(prefix);
    return (await this.records.keys("sealed")).filter((key) => key.startsWith(whole)).map((key) => key.slice(this.at("").length));
  }
  /** The key first: what could not be removed cannot be read either. */
  async drop(): Promise<void> {
    this.dropped = true;
    await this.records.remove("keys", this.user);
    for (const name of await this.names("")) await this.remove(name);
  }

  private at(name: string): string {
    return `${this.user}/${name}`;
  }
  /** A record is bound to its place. */
  private cipher(iv: Uint8Array<ArrayBuffer>, name: string): AesGcmParams {
    return { name: "AES-GCM", iv, additionalData: new TextEncoder().encode(this.at(name)) };
  }
}

/** Takes off what a user has left here for too long. A question that has not gone yet stays. */
export async function expire(records: Records, now: number): Promise<void> {
  const keys = await records.keys("sealed");
  for (const user of await records.keys("keys")) {
    const own = keys.filter((key) => key.startsWith(`${user}/`));
    if (own.some((key) => key.startsWith(`${user}/${kQuestions}`))) continue;
    const kept = (await Promise.all(own.map((key) => records.read("sealed", key)))) as (Sealed | undefined)[];
    const newest = Math.max(0, ...kept.map((one) => one?.at ?? 0));
    if (now - newest <= kMostDays * 86_400_000) continue;
    await records.remove("keys", user);
    for (const key of own) await records.remove("sealed", key);
  }
}
