// SPDX-License-Identifier: Apache-2.0
// A general practitioner asks from his telephone, on a poor line (browser_page.mjs says how it is run): a
// photo from the camera, a reload and a cut in between, an answer that is lost, a red flag, an opinion to copy.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { request as http } from "playwright-core";
import { base, login, logins, lookAt, openPage, startBrowser } from "./browser_page.mjs";
import { cookieOf } from "./second_factor.mjs";

const of = (role) => logins.find((one) => one.role === role && one.programme.startsWith("dermato-oncologie"));
const phone = [390, 844];
const question = "Lésion pigmentée récente du bras : avis ?";
const conclusion = "Nævus d’allure bénigne.";

const problems = [];
let browser;
let page;
let caseId;

before(async () => {
  browser = await startBrowser(["--use-fake-device-for-media-stream=fps=5", "--use-fake-ui-for-media-stream"]);
  page = await openPage(browser, phone, (problem) => problems.push(problem), { permissions: ["camera", "clipboard-read", "clipboard-write"] });
});
after(() => browser?.close());

const noProblem = () => assert.deepEqual(problems, []);
/** A line that was cut on purpose is told by the browser; nothing else may be. */
function onlyTheCut() {
  const others = problems.filter((one) => !/ERR_INTERNET_DISCONNECTED|ERR_FAILED/.test(one));
  assert.deepEqual(others, []);
  problems.length = 0;
}
// Every state is looked at when pictures are wanted; else those that no other walk shows, on the phone.
const pictures = process.env.SCREENSHOTS !== undefined;
async function look(name, always = false) {
  if (pictures || always) await lookAt(page, name, pictures ? [[1440, 900], phone] : [phone]);
}
async function casesOfMine() {
  return page.evaluate(async () => (await (await fetch("/api/v1/cases")).json()).cases);
}
/** Names of what stands sealed in the browser, and whether its key can be read out. */
const sealed = () => page.evaluate(() => new Promise((resolve, reject) => {
  const open = indexedDB.open("telavis");
  open.onerror = () => reject(open.error);
  open.onsuccess = () => {
    const work = open.result.transaction(["keys", "sealed"]);
    const names = work.objectStore("sealed").getAllKeys();
    const values = work.objectStore("sealed").getAll();
    const keys = work.objectStore("keys").getAll();
    work.oncomplete = () => {
      const text = new TextDecoder().decode(new Uint8Array(values.result.flatMap(({ bytes }) => [...new Uint8Array(bytes)])));
      open.result.close();
      resolve({ names: names.result.map((name) => name.slice(name.indexOf("/") + 1)), text, extractable: keys.result.map((key) => key.extractable) });
    };
  };
}));

async function toNewRequest() {
  await page.goto(new URL("#/new", base).href);
  await page.waitForSelector("select[name=reason]");
}
async function fillLesion() {
  await page.selectOption("select[name=reason]", "suspicious_lesion");
  await page.fill("textarea[name=question]", question);
  await page.fill("input[name='clinical.lesion.site']", "bras gauche");
  await page.fill("input[name='clinical.lesion.count']", "1");
  await page.fill("input[name='clinical.lesion.size_mm']", "7");
  await page.fill("input[name='clinical.lesion.since']", "03/2026");
  await page.selectOption("select[name='clinical.lesion.evolution']", "growing");
  await page.fill("input[name='clinical.phototype']", "3");
  await page.fill("input[name='clinical.own_reading.hypothesis']", "nævus atypique");
  const names = await page.locator("input[type=radio][value=no][name^='clinical.']").evaluateAll((all) => all.map((one) => one.name));
  for (const name of names) await page.check(`input[name="${name}"][value=no]`);
  await page.fill("input[name='patient.family_name']", "ESSAI");
  await page.fill("input[name='patient.given_name']", "Maëlle");
  await page.fill("input[name='patient.birth_date']", "1971-03-02");
  await page.selectOption("select[name='patient.sex']", "female");
  await page.fill("input[name=patient_phone]", "06 39 98 01 24");
  await page.check("input[name='consent.given_by'][value=patient]");
  await page.check("input[name='information.form'][value=oral]");
}

test("photos come from the camera, guided, and to the page alone", async () => {
  await page.goto(base.href);
  await login(page, of("requester"));
  await toNewRequest();
  await look("requester-new");
  await page.click("[data-action=camera]");
  for (const role of ["overview", "close-up"]) {
    await page.click(".camera [data-action=take]:enabled");
    await page.waitForSelector(".camera canvas");
    if (role === "overview") await look("requester-camera", true);
    await page.click(".camera [data-action=keep]");
    await page.waitForSelector(".camera [data-action=take]");
  }
  assert.match(await page.textContent(".camera .hints"), /\S/);
  await page.click(".camera [data-action=done]");
  await page.waitForFunction(() => document.querySelectorAll("ul.files li").length === 2);
  assert.deepEqual(await page.locator("ul.files select").evaluateAll((all) => all.map((one) => one.value)), ["overview", "close_up"]);
  noProblem();
});

test("what is typed survives a reload, sealed", async () => {
  await fillLesion();
  await page.click("[data-action=no-flags]");
  await page.waitForTimeout(600); // the pause after which a draft is kept
  await page.waitForFunction(async () => (await indexedDB.databases()).length === 1);
  const before = await sealed();
  assert.deepEqual(before.names.map((name) => name.replace(/^file\/.*/, "file")).sort(), ["draft/new", "file", "file"]);
  assert.deepEqual(before.extractable, [false]);
  assert.doesNotMatch(before.text, /ESSAI|pigment|JFIF/);
  await page.reload();
  await page.waitForSelector("[data-draft-note]");
  assert.equal(await page.inputValue("textarea[name=question]"), question);
  assert.equal(await page.inputValue("input[name='patient.family_name']"), "ESSAI");
  assert.equal(await page.getAttribute("[data-action=no-flags]", "aria-pressed"), "true");
  assert.equal(await page.locator("ul.files li img").count(), 2);
  assert.equal(await page.locator(".steps [data-done]").count(), 4);
  await look("requester-filled");
  noProblem();
});

test("cut off in the middle it waits, and leaves once when the line is back", async () => {
  const before = (await casesOfMine()).length;
  let pieces = 0;
  let lost = 0;
  await page.route("**/api/v1/uploads/*", async (route) => {
    if (route.request().method() === "PATCH" && ++pieces === 2) {
      await page.context().setOffline(true);
      return route.abort("internetdisconnected");
    }
    return route.continue();
  });
  // The engine takes the question, and the first answer is lost on the way.
  await page.route("**/api/v1/cases", async (route) => {
    if (route.request().method() !== "POST" || ++lost > 1) return route.continue();
    const answer = await route.fetch();
    assert.equal(answer.status(), 201);
    return route.abort("internetdisconnected");
  });
  await page.click("[data-action=submit]");
  await page.waitForSelector("[data-leaving=waiting]");
  await page.waitForSelector(".outbox [data-stage=waiting]");
  await look("requester-offline", true);
  await page.click(".notice a[href='#/']");
  await page.waitForSelector("telavis-cases");
  await page.waitForSelector(".outbox [data-stage=waiting]");
  assert.doesNotMatch((await sealed()).text, /ESSAI|pigment|JFIF/);

  await page.context().setOffline(false);
  for (let turn = 0; turn < 200 && lost === 0; turn++) await page.waitForTimeout(100);
  assert.equal(lost, 1, "the question was asked once, without an answer");
  await page.click(".outbox [data-action=retry]");
  await page.waitForSelector(".outbox [data-sent]");
  assert.equal(lost, 2);
  assert.ok(pieces <= 3, `${pieces} pieces: the first photo did not go twice`);
  const mine = await casesOfMine();
  assert.equal(mine.length, before + 1, "never twice");
  caseId = mine[0].id;
  assert.deepEqual((await sealed()).names, []);
  await page.unroute("**/api/v1/cases");
  await page.unroute("**/api/v1/uploads/*");
  onlyTheCut();

  await page.click(".outbox [data-sent] a");
  await page.waitForSelector("[data-promised]");
  assert.match(await page.textContent("[data-promised]"), /réponse avant (lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche) \d+ \S+ à \d\d:\d\d/);
  await page.waitForFunction(() => document.querySelectorAll("figure img").length === 2);
  await look("requester-sent");
  noProblem();
});

test("a red flag fills the screen, and gives the letter", async () => {
  await toNewRequest();
  await fillLesion();
  await page.locator("input[name^='red_flags.'][value=yes]").first().check();
  await page.waitForSelector("dialog[open].exit-screen");
  assert.ok(await page.evaluate(() => {
    const { width, height } = document.querySelector("dialog.exit-screen").getBoundingClientRect();
    return width === innerWidth && height === innerHeight;
  }));
  await look("requester-red-flag", true);
  await page.keyboard.press("Escape");
  await page.waitForSelector("[data-exit]");
  await page.click("[data-action=exit-again]");
  await page.click("[data-action=exit-letter]");
  // Nothing is attached: that is said, and led to.
  await page.waitForSelector(".problems");
  await page.setInputFiles("telavis-files input[name=files]", [new URL("../../fixtures/demo-lesion.jpg", import.meta.url).pathname]);
  await page.click("[data-action=submit]");
  await page.waitForSelector("article[data-state=redirected]");
  const letter = await page.evaluate(async (href) => (await fetch(href)).headers.get("Content-Type"),
    await page.getAttribute("[data-action=letter]", "href"));
  assert.equal(letter, "application/pdf");
  noProblem();
});

/** Another person's doing, without a page. */
async function answeredBy(expert) {
  const session = await http.newContext({
    baseURL: base.href,
    ignoreHTTPSErrors: true,
    extraHTTPHeaders: { Cookie: await cookieOf(base.origin, expert) },
  });
  const { cases } = await (await session.get("/api/v1/cases")).json();
  const mine = cases.find((one) => one.id === caseId && one.actions.includes("opinion"));
  if (mine) {
    const answer = await session.post(`/api/v1/cases/${caseId}/opinion`, {
      headers: { "Idempotency-Key": `opinion-${caseId}` },
      data: { conclusion, orientation: "gp_management", data_sufficient: true, suspicion: "benign", conduct: "Revoir à six mois.", in_person: { needed: false } },
    });
    assert.equal(answer.status(), 200, await answer.text());
  }
  await session.dispose();
  return mine !== undefined;
}

test("the opinion is copied whole, for the practice's own software", async () => {
  let done = false;
  for (const expert of logins.filter((one) => one.role === "expert" && one.programme === of("requester").programme)) {
    done ||= await answeredBy(expert);
  }
  assert.ok(done, "the question was offered to an expert");
  // The engine's own work: asked until it is done, so that the page need not wait for its next look.
  for (let turn = 0, state = ""; state !== "answered" && state !== "delivered"; turn++) {
    assert.ok(turn < 200, `still ${state}`);
    await page.waitForTimeout(100);
    state = (await casesOfMine()).find((one) => one.id === caseId).state;
  }
  await page.goto(new URL(`#/cases/${caseId}`, base).href);
  await page.waitForSelector("article[data-state=answered], article[data-state=delivered]");
  await page.click("[data-action=copy]");
  await page.getByText("Copié.").waitFor();
  const text = await page.evaluate(() => navigator.clipboard.readText());
  for (const part of ["Avis de téléexpertise TE-", "ESSAI Maëlle", question, conclusion, "Revoir à six mois."]) {
    assert.ok(text.includes(part), `${part} in\n${text}`);
  }
  await look("requester-answered");
  noProblem();
});

test("received exams and lent devices have a page; logging out takes everything off", async () => {
  await page.click("nav a[href='#/tray']");
  await page.waitForSelector("telavis-tray-page h2");
  await look("requester-tray", true);
  // A browser without a camera of its own leaves it to the phone's program.
  await page.evaluate(() => Object.defineProperty(navigator, "mediaDevices", { value: undefined }));
  await toNewRequest();
  await page.waitForSelector("input[name=capture][capture=environment]", { state: "attached" });
  assert.equal(await page.locator("[data-action=camera]").count(), 0);
  await page.fill("textarea[name=question]", "Encore une question");
  await page.waitForTimeout(600);
  assert.deepEqual((await sealed()).names, ["draft/new"]);
  await page.click("[data-action=logout]");
  await page.click("dialog [data-action=confirm]");
  await page.waitForSelector("input[name=password]");
  const left = await sealed();
  assert.deepEqual([left.names, left.extractable], [[], []]);
  noProblem();
});
