// SPDX-License-Identifier: Apache-2.0
// An association's staff at its pages (browser_page.mjs says how it is run): the coordinator's board, an enrolment
// until the kit, a device lent and connected, settings looked at; the treasurer's figures; the referent's reasons.
import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { after, before, test } from "node:test";
import { base, login, logins, lookAt, openPage, startBrowser } from "./browser_page.mjs";

const programme = "rythmologie-guadeloupe";
const of = (role) => logins.find((one) => one.role === role && one.programme === programme);
const url = (path) => new URL(path, base).href;

const problems = [];
let browser;
let page;
let pairing;

before(async () => {
  // A doctor's mail that nobody but a person can file; the engine reads it while the walk goes on.
  const mailbox = path.join(process.env.TELAVIS_DATA, "maildir", "rythmologie@guadeloupe.telavis.test", "new");
  mkdirSync(mailbox, { recursive: true });
  writeFileSync(path.join(mailbox, "1.walk"), [
    "From: Dr Corail <corail@guadeloupe.telavis.test>", "To: <rythmologie@guadeloupe.telavis.test>", "Subject: Bonjour",
    "Message-ID: <walk@client.test>", "MIME-Version: 1.0", "Content-Type: text/plain; charset=utf-8", "", "Pouvez-vous me rappeler ?", "",
  ].join("\r\n"));
  browser = await startBrowser();
  page = await openPage(browser, [1440, 900], (problem) => problems.push(problem), { acceptDownloads: true });
});
after(() => browser?.close());

const pictures = process.env.SCREENSHOTS !== undefined;
const look = (name) => lookAt(page, name, pictures ? [[1440, 900], [390, 844]] : [[1440, 900], [390, 844]].slice(1));
async function comeIn(role) {
  await page.goto(base.href);
  await login(page, of(role));
}
async function leave() {
  await page.click("[data-action=logout]");
  await page.waitForSelector("input[name=login]:not([hidden])");
}
async function open(route, selector) {
  await page.click(`nav a[href="${route}"]`);
  await page.waitForSelector(selector);
}
async function confirm() {
  await page.click("dialog [data-action=confirm]");
  await page.waitForSelector("dialog", { state: "detached" });
}
/** What needs no session. */
async function send(route, json) {
  const response = await fetch(url(route), { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(json) });
  const text = await response.text();
  assert.ok(response.ok, `${route}: ${response.status} ${text}`);
  return JSON.parse(text);
}
const noProblem = () => assert.deepEqual(problems, []);

test("the board shows what is open by time left, and passes a case on", async () => {
  await comeIn("coordinator");
  await open("#/board", ".board .case");
  assert.equal(await page.locator(".board .case").count(), 2);
  assert.doesNotMatch(await page.innerText("main"), /ESSAI|Palpitations/);
  assert.ok(await page.locator(".board a[href^='mailto:']").count() >= 2);
  assert.match(await page.locator(".board a[href^='mailto:']").first().getAttribute("href"), /subject=TE-\d{4}-[0-9A-Z]+$/);
  assert.ok(await page.locator(".board a[href^='tel:']").count() >= 2);
  await page.waitForSelector("tr[data-expert]");
  await look("board");
  const first = page.locator(".board .case").first();
  await first.locator("[data-action=reassign]").click();
  await page.waitForSelector("dialog select[name=expert]");
  const asked = await first.innerText();
  const names = await page.locator("dialog select[name=expert] option:not([value=''])").allInnerTexts();
  await page.selectOption("dialog select[name=expert]", { label: names.find((name) => !asked.includes(name.split(",")[0])) });
  await page.selectOption("dialog select[name=reason]", "no_answer");
  await look("board-reassign");
  await confirm();
  await page.waitForFunction((before) => document.querySelector(".board .case").innerText !== before, asked);
  noProblem();
});

test("somebody who asks to take part is led to the activation kit", async () => {
  await send("/api/v1/enrolments", {
    programme, role: "requester", title: "Dr", given_name: "Élodie", family_name: "Flamboyant", rpps: "99900000151",
    profession: "medecin", speciality: "Médecine générale", mail_address: "flamboyant@guadeloupe.telavis.test",
    mobile_phone: "06 39 98 00 30", office_phone: "05 90 00 00 30", place: "Saint-Claude", territory: "971",
  });
  await open("#/people", "article[data-person]");
  await look("people-request");
  const asked = [];
  for (let i = 0; i < 8; i++) {
    const step = await page.locator("article[data-person] button.primary").first().getAttribute("data-step");
    asked.push(step);
    await page.click(`article[data-person] [data-step=${step}]`);
    if (step === "kit") break;
    await page.waitForSelector("dialog");
    if (step === "charter") await page.fill("dialog input[name=charter]", "2026-01");
    if (step === "charter") await look("people-charter");
    await confirm();
    await page.waitForFunction((done) => document.querySelector("article[data-person] button.primary")?.dataset.step !== done, step);
  }
  assert.deepEqual(asked.slice(0, 2), ["identity", "decision"]);
  assert.equal(asked.at(-1), "kit");
  await page.waitForSelector(".notice[role=status]");
  assert.match(await page.innerText(".notice[role=status]"), /flamboyant@guadeloupe\.telavis\.test/);
  await look("people-kit");
  noProblem();
});

test("a device is lent, and connected by a code", async () => {
  const made = await page.request.put(url("/api/v1/admin/devices/ecg-portable-1"), { data: {
    version: 0, device: { id: "ecg-portable-1", programme, serial: "SN-4711", model: "ECG portable", owner: "Association fictive Rythme Guadeloupe", consumables: "Électrodes : 2 sachets" },
  } });
  assert.equal(made.status(), 200, await made.text());
  await open("#/devices", "tr[data-device]");
  await page.click("[data-action=lend]");
  await page.waitForSelector("dialog select[name=holder]");
  await page.selectOption("dialog select[name=holder]", { label: "Dr Maëlle Zéphir" });
  await page.fill("dialog input[name=due]", "2199-12-31");
  await confirm();
  await page.waitForSelector("[data-action=pair]");
  await look("devices");
  await page.click("[data-action=pair]");
  await page.waitForSelector("dialog textarea");
  pairing = await page.inputValue("dialog textarea");
  assert.match(pairing, /^[0-9A-Z]{4}(-[0-9A-Z]{4}){2}$/);
  await page.click("dialog button");
  noProblem();
});

test("a change of settings is looked at before anybody makes it", async () => {
  await open("#/programmes", "form [data-action=preview]");
  await page.fill("input[name=breach_minutes]", "40");
  await page.click("[data-action=preview]");
  await page.waitForSelector("[data-preview] table");
  const promised = await page.locator("[data-preview] tr", { hasText: "Réponse promise" }).locator("td").allInnerTexts();
  assert.equal(promised.length, 2);
  assert.notEqual(promised[0], promised[1]);
  assert.equal(await page.locator("[data-action=save]").count(), 0);
  await look("programme-preview");
  await page.fill("input[name=breach_minutes]", "1");
  await page.click("[data-action=preview]");
  await page.waitForSelector(".error[role=alert]");
  // The refusal was wanted.
  assert.ok(problems.every((one) => /422/.test(one)), problems.join("\n"));
  problems.length = 0;
  await leave();
});

test("a treasurer has figures with their definitions, and exports without small numbers", async () => {
  await comeIn("treasurer");
  assert.equal(await page.locator("nav a[href='#/board']").count(), 0);
  await open("#/figures", "[data-figure=requests]");
  assert.match(await page.innerText("[data-figure=requests]"), /Demandes\s+2\s/);
  for (const about of await page.locator(".figure .hint").allInnerTexts()) assert.ok(about.length > 20);
  await page.waitForSelector("telavis-chart canvas");
  assert.equal(await page.locator("telavis-chart canvas").count(), 3);
  await look("figures");
  await page.check("input[name=outside]");
  await page.waitForSelector("[data-figure=requests][data-masked]");
  await look("figures-outside");
  for (const [format, begin] of [["csv-fr", "\uFEFFPartie;"], ["xlsx", "PK"], ["pdf", "%PDF"]]) {
    const link = await page.getAttribute(`[data-format=${format}]`, "href");
    const file = await page.request.get(url(link));
    assert.equal(file.status(), 200);
    const text = (await file.body()).toString("utf8");
    assert.ok(text.startsWith(begin), format);
    if (format === "csv-fr") assert.match(text, /Demandes;;;;;;;moins de 5, masqué/);
  }
  noProblem();
  await leave();
});

test("a medical referent opens with a reason alone", async () => {
  // Something that no version can read, from the device that was lent.
  const { token } = await send("/api/v1/pair", { code: pairing });
  const sent = await fetch(url("/api/v1/exams"), {
    method: "POST", headers: { Authorization: `Bearer ${token}`, "Content-Type": "application/octet-stream" }, body: "nothing that is known",
  });
  assert.ok(sent.ok, await sent.text());
  await comeIn("medical_referent");
  await open("#/referent", "[data-part=exams] li");
  await page.waitForSelector("[data-part=mails] li");
  await look("referent");
  await page.click("[data-action=open-mail]");
  await page.fill("dialog textarea", "Message à classer par une personne");
  await confirm();
  await page.waitForSelector("[data-opened]");
  assert.match(await page.innerText("[data-opened]"), /Pouvez-vous me rappeler/);
  await look("referent-mail");
  await page.click("[data-action=file-mail]");
  await page.selectOption("dialog select[name=as]", "nothing");
  await page.fill("dialog textarea", "Rappelé par téléphone ce matin");
  await confirm();
  await page.waitForFunction(() => document.querySelectorAll("[data-part=mails] li").length === 0);
  const saved = page.waitForEvent("download");
  await page.click("[data-action=download-exam]");
  await page.fill("dialog textarea", "Examen que personne ne peut lire");
  await confirm();
  assert.ok(await saved);
  const first = page.locator("[data-part=cases] .case").first();
  await first.locator("[data-action=open]").click();
  await page.fill("dialog textarea[name=reason]", "court");
  await page.click("dialog [data-action=confirm]");
  assert.ok(await page.locator("dialog textarea:invalid").count() === 1);
  await page.fill("dialog textarea[name=reason]", "Le médecin requérant m’a appelé");
  await look("referent-open");
  await confirm();
  await page.waitForSelector(".request .patient");
  noProblem();
  await leave();
});
