// SPDX-License-Identifier: Apache-2.0
// A form that is being filled in, kept sealed in the browser: a reload, an empty battery or a call in
// between costs nothing of it.
import { now } from "./api";
import type { Chosen } from "./files_picker";
import { draftName, type Draft, type KeptFile } from "./outbox";
import { kFiles, type SealedStore } from "./sealed_store";

const kPause = 400; // ms without a keystroke

type Control = HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement;
const isKept = (control: Element): control is Control =>
  (control instanceof HTMLInputElement || control instanceof HTMLSelectElement || control instanceof HTMLTextAreaElement) &&
  control.name !== "" && control.type !== "file" && !control.closest("telavis-tray");

/** What stands in the form's own fields; files and exams of the tray have their own way. */
export function fieldsOf(form: HTMLFormElement): [string, string][] {
  const names = new Set([...form.elements].filter(isKept).map((control) => control.name));
  return [...new FormData(form)].flatMap(([name, value]) =>
    typeof value === "string" && names.has(name) ? [[name, value] as [string, string]] : []);
}

/** Puts it back. A field that the draft does not know keeps what it begins with. */
export function restoreFields(form: HTMLFormElement, fields: readonly [string, string][]): void {
  for (const control of [...form.elements].filter(isKept)) {
    const values = fields.filter(([name]) => name === control.name).map(([, value]) => value);
    if (control instanceof HTMLInputElement && (control.type === "radio" || control.type === "checkbox")) {
      control.checked = values.includes(control.value);
    } else if (values[0] !== undefined) {
      control.value = values[0];
    }
  }
}

export class DraftKeeper {
  private timer = 0;
  private work: Promise<void> = Promise.resolve();
  private readonly kept = new Set<string>(); // keys of files

  constructor(private readonly store: SealedStore, private readonly caseId: string) {}

  async load(): Promise<{ draft: Draft; files: Omit<Chosen, "picture">[] } | undefined> {
    const draft = await this.store.getJson<Draft>(draftName(this.caseId));
    if (!draft) return undefined;
    const files: Omit<Chosen, "picture">[] = [];
    for (const { key, name, type, role } of draft.files) {
      const bytes = await this.store.get(kFiles + key);
      if (!bytes) continue;
      this.kept.add(key);
      files.push({ key, role, file: new File([bytes], name, { type }) });
    }
    return { draft, files };
  }

  /** After a pause; `read` gives what is there by then. */
  soon(read: () => [Omit<Draft, "files">, readonly Chosen[]] | undefined, failed: (error: unknown) => void): void {
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => void this.save(read()).catch(failed), kPause);
  }
  /** Durable in the browser when it resolves. */
  save(what: [Omit<Draft, "files">, readonly Chosen[]] | undefined): Promise<Draft | undefined> {
    clearTimeout(this.timer);
    const turn = this.work.then(() => (what ? this.write(...what) : undefined));
    this.work = turn.then(() => undefined, () => undefined); // the next one is tried all the same
    return turn;
  }
  private async write(draft: Omit<Draft, "files">, chosen: readonly Chosen[]): Promise<Draft> {
    const files: KeptFile[] = chosen.map(({ key, file, role }) => ({ key, name: file.name, type: file.type, role, size: file.size }));
    for (const { key, file } of chosen) {
      if (this.kept.has(key)) continue;
      await this.store.put(kFiles + key, new Uint8Array(await file.arrayBuffer()));
      this.kept.add(key);
    }
    const whole: Draft = { ...draft, files, savedAt: now() };
    await this.store.putJson(draftName(this.caseId), whole);
    for (const key of [...this.kept].filter((one) => !files.some((file) => file.key === one))) {
      await this.store.remove(kFiles + key);
      this.kept.delete(key);
    }
    return whole;
  }

  /** The draft goes; its files too, unless a question has them now. */
  async forget(files: boolean): Promise<void> {
    clearTimeout(this.timer);
    await this.work;
    await this.store.remove(draftName(this.caseId));
    if (files) for (const key of this.kept) await this.store.remove(kFiles + key);
    this.kept.clear();
  }
  /** A question of these files became the draft again. */
  took(files: readonly KeptFile[]): void {
    for (const { key } of files) this.kept.add(key);
  }
}
