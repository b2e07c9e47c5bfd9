// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { webcrypto } from "node:crypto";
import { test } from "node:test";
import { ApiError } from "../../engine/web/src/api_error";
import type { CaseRequest, Receipt } from "../../engine/web/src/api_types";
import { Outbox, type Question, type Wire } from "../../engine/web/src/outbox";
import { expire, kFiles, MemoryRecords, SealedStore } from "../../engine/web/src/sealed_store";

const crypto = webcrypto as unknown as Crypto;
const photo = new Uint8Array(300_000).map((_, i) => i % 251);

/** An engine behind a line that can be cut: uploads resume, a question counts once by its id. */
class FakeEngine implements Wire {
  uploads = new Map<string, { bytes: number[]; length: number }>();
  cases = new Map<string, string[]>();
  line = true;
  cutAfter = Infinity; // pieces
  loseAnswer = false;
  refuse?: ApiError;
  pieces = 0;
  private made = 0;

  private reach(): void {
    if (!this.line) throw new ApiError("network", "no line");
  }
  async begin(_: string, bytes: Uint8Array): Promise<string> {
    this.reach();
    const id = `upload-${++this.made}`;
    this.uploads.set(id, { bytes: [], length: bytes.length });
    return id;
  }
  async offset(id: string): Promise<number> {
    this.reach();
    const upload = this.uploads.get(id);
    if (!upload) throw new ApiError("not_found", "gone", "", 404);
    return upload.bytes.length;
  }
  async piece(id: string, offset: number, bytes: Uint8Array): Promise<number> {
    this.reach();
    const upload = this.uploads.get(id)!;
    assert.equal(offset, upload.bytes.length, "no byte goes twice");
    for (const byte of bytes) upload.bytes.push(byte);
    if (++this.pieces >= this.cutAfter) this.line = false;
    return upload.bytes.length;
  }
  async end(id: string): Promise<void> {
    this.uploads.delete(id);
  }
  async ask(question: Question): Promise<Receipt> {
    this.reach();
    if (this.refuse) throw this.refuse;
    for (const id of question.uploads) if (!this.uploads.has(id)) throw new ApiError("not_found", "gone", "", 404);
    for (const id of question.uploads) assert.deepEqual(this.uploads.get(id)!.bytes, [...photo]);
    if (!this.cases.has(question.id)) this.cases.set(question.id, question.uploads);
    if (this.loseAnswer) {
      this.loseAnswer = false;
      throw new ApiError("network", "no line");
    }
    return { case: { id: `case-${question.id}`, number: "TE-2026-7K3M9Q2A", state: "queued" } };
  }
  words(): string {
    return "words";
  }
}

async function prepared(files: number): Promise<{ records: MemoryRecords; store: SealedStore; engine: FakeEngine; box: Outbox; question: Question }> {
  const records = new MemoryRecords();
  const store = await SealedStore.open(records, "martin", crypto);
  const kept = [...Array(files).keys()].map((n) => ({ key: `k${n}`, name: `photo-${n}.jpg`, type: "image/jpeg", role: "close_up" as const, size: photo.length }));
  for (const { key } of kept) await store.put(kFiles + key, photo);
  const engine = new FakeEngine();
  const question: Question = {
    id: "question-1", caseId: "", title: "Dermatologie", programme: "dermato", fields: [["question", "Mélanome ?"]], files: kept, picks: [], savedAt: 1,
    request: { question: "Mélanome ?" } as CaseRequest, keep: false, uploads: [], arrived: 0, posted: false, refusal: null,
  };
  return { records, store, engine, box: new Outbox(store, engine), question };
}

test("a question goes with its files, and nothing of it stays", async () => {
  const { records, engine, box, question } = await prepared(2);
  await box.add(question);
  const outcome = box.outcome(question.id);
  await box.run();
  assert.equal((await outcome)?.case.id, "case-question-1");
  assert.equal(engine.cases.size, 1);
  assert.deepEqual(await records.keys("sealed"), []);
  assert.equal(engine.uploads.size, 0);
  assert.deepEqual(box.all, []);
});

test("cut off in the middle it goes on where it was, in another page too", async () => {
  const { records, engine, box, question } = await prepared(2);
  engine.cutAfter = 2;
  await box.add(question);
  await box.run();
  assert.equal(box.all[0]?.stage, "waiting");
  assert.equal(engine.cases.size, 0);
  engine.line = true;
  engine.cutAfter = Infinity;
  const later = new Outbox(await SealedStore.open(records, "martin", crypto), engine);
  await later.load();
  assert.equal(later.all.length, 1);
  await later.run();
  assert.equal(engine.cases.size, 1);
  assert.equal(engine.cases.get("question-1")?.length, 2);
  assert.deepEqual(await records.keys("sealed"), []);
});

test("an answer that was lost makes no second case, also when its uploads are gone by then", async () => {
  for (const expired of [false, true]) {
    const { engine, box, question } = await prepared(1);
    engine.loseAnswer = true;
    await box.add(question);
    await box.run();
    assert.equal(box.all[0]?.stage, "waiting");
    assert.equal(engine.cases.size, 1);
    if (expired) engine.uploads.clear();
    await box.run();
    assert.deepEqual([...engine.cases.keys()], ["question-1"]);
    assert.deepEqual(box.all, []);
  }
});

test("what may have arrived is not taken back; what was refused is, as another question", async () => {
  const { store, engine, box, question } = await prepared(1);
  engine.loseAnswer = true;
  await box.add(question);
  await box.run();
  assert.equal(await box.reopen(question.id), "gone");
  engine.refuse = new ApiError("missing_field", "Il manque la fréquence.", "vitals.heart_rate_bpm", 422);
  const outcome = box.outcome(question.id);
  await Promise.all([assert.rejects(outcome, { code: "missing_field" }), box.run()]);
  assert.equal(box.all[0]?.stage, "refused");
  await store.putJson("draft/new", { another: "draft" });
  assert.equal(await box.reopen(question.id), "occupied");
  await store.remove("draft/new");
  assert.equal(await box.reopen(question.id), "open");
  assert.deepEqual(await store.getJson<{ fields: unknown }>("draft/new").then((draft) => draft?.fields), [["question", "Mélanome ?"]]);
  assert.deepEqual(await store.get(`${kFiles}k0`), photo);
  assert.deepEqual(box.all, []);
});

test("a piece that meets another one, or was changed on the way, is sent again from where it is", async () => {
  for (const status of [404, 409, 460]) {
    const { engine, box, question } = await prepared(1);
    const honest = engine.piece.bind(engine);
    engine.piece = async () => {
      throw new ApiError("state_conflict", "x", "", status);
    };
    await box.add(question);
    await box.run();
    assert.equal(box.all[0]?.stage, "waiting", String(status));
    engine.piece = honest;
    await box.run();
    assert.equal(engine.cases.size, 1, String(status));
  }
});

test("a lost session and an engine that is away are no refusal", async () => {
  for (const status of [401, 429, 503]) {
    const { engine, box, question } = await prepared(0);
    engine.refuse = new ApiError("x", "x", "", status);
    await box.add(question);
    await box.run();
    assert.equal(box.all[0]?.stage, "waiting", String(status));
  }
});

test("a file that is not there any more is said, and the question stays", async () => {
  const { store, box, question } = await prepared(1);
  await store.remove(`${kFiles}k0`);
  await box.add(question);
  await box.run();
  assert.equal(box.all[0]?.question.refusal?.code, "file_lost");
});

test("what is kept is sealed to its place and to its user; the key cannot be read out", async () => {
  const { records, store, question } = await prepared(1);
  await store.putJson("draft/new", question);
  const key = (await records.read("keys", "martin")) as CryptoKey;
  assert.equal(key.extractable, false);
  await assert.rejects(crypto.subtle.exportKey("raw", key));
  const sealed = (await records.read("sealed", "martin/draft/new")) as { bytes: ArrayBuffer };
  assert.doesNotMatch(new TextDecoder().decode(sealed.bytes), /lanome/);
  await records.write("sealed", "martin/draft/other", sealed);
  assert.equal(await store.get("draft/other"), undefined);
  const other = await SealedStore.open(records, "durand", crypto);
  assert.deepEqual(await other.names(""), []);
  await records.write("sealed", "durand/draft/new", sealed);
  assert.equal(await other.get("draft/new"), undefined);
  await store.drop();
  assert.deepEqual(await records.keys("keys"), ["durand"]);
  assert.deepEqual(await records.keys("sealed"), ["durand/draft/new"]);
});

test("two windows of one user have one key", async () => {
  const records = new MemoryRecords();
  const [one, two] = await Promise.all([SealedStore.open(records, "martin", crypto), SealedStore.open(records, "martin", crypto)]);
  await one.putJson("draft/new", 1);
  assert.equal(await two.getJson("draft/new"), 1);
});

test("a draft that nobody has touched for a week goes; a question that has not left stays", async () => {
  const { records, store, box, question } = await prepared(1);
  await store.putJson("draft/new", question);
  const later = Date.now() + 8 * 86_400_000;
  await expire(records, Date.now());
  assert.equal((await records.keys("sealed")).length, 2);
  await box.add(question);
  await expire(records, later);
  assert.equal((await records.keys("sealed")).length, 3);
  await box.discard(box.all[0]!);
  await expire(records, later);
  assert.deepEqual([await records.keys("sealed"), await records.keys("keys")], [[], []]);
});
