// SPDX-License-Identifier: Apache-2.0
// Walks the pages as their users do (browser_page.mjs says how it is run); offer_cases.mjs has made what
// the walk begins with.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { base, isIn, login as loginAt, logins, lookAt, openPage, startBrowser } from "./browser_page.mjs";

const of = (role, programme) => logins.filter((one) => one.role === role && one.programme === programme);
const [firstExpert] = logins.filter((one) => one.role === "expert");
const experts = of("expert", firstExpert.programme);
const [requester] = of("requester", firstExpert.programme);
const [coordinator] = of("coordinator", firstExpert.programme);
const requesters = logins.filter((one) => one.role === "requester");
const lesion = new URL("../../fixtures/demo-lesion.jpg", import.meta.url).pathname;
const tracing = new URL("../../fixtures/demo-ecg.scp", import.meta.url).pathname;
const document = process.env.TELAVIS_PDF;

const sizes = [[1440, 900], [1024, 768], [390, 844]];

const conclusion = "Rythme sinusal régulier, sans anomalie de conduction.";
// The engine keeps a signed opinion back for a while (release_delay) before it leaves.
const releaseTimeout = 120_000;

const problems = [];
let leaving = false; // another person sits down: what is on its way is dropped, or finds no session
const note = (problem) => leaving || problems.push(problem);
let browser;
let page;
const cases = new Map(); // of an expert, by his login

before(async () => {
  browser = await startBrowser();
  page = await openPage(browser, [1440, 900], note);
});
after(() => browser?.close());

function noProblem() {
  assert.deepEqual(problems, []);
}

const look = (name) => lookAt(page, name, sizes);
const login = (person) => loginAt(page, person);
const parked = new Map(); // cookies of people who come back, by login: a code serves once
/** Another person sits down; who was there keeps his session. */
async function as(person) {
  const context = page.context();
  await page.goto(new URL("#/", base).href);
  const who = await page.getAttribute("[data-who]", "data-who");
  parked.set(who, await context.cookies());
  leaving = true;
  await context.clearCookies();
  const back = parked.get(person.login);
  if (back) await context.addCookies(back);
  else await page.evaluate(() => localStorage.removeItem("telavis.session"));
  await page.reload();
  leaving = false;
  await (back ? isIn(page, person) : login(person));
}
const stateIs = (...states) =>
  page.waitForSelector(states.map((state) => `article[data-state=${state}]`).join(), { timeout: releaseTimeout });

/** How many pixels of the canvas have the colour of the trace, and how much of its width they cover. */
function inkOf(canvas) {
  const trace = getComputedStyle(canvas).getPropertyValue("--ecg-trace").trim();
  const [r, g, b] = trace.match(/[\da-f]{2}/gi).map((two) => parseInt(two, 16));
  const { data, width } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  const columns = new Set();
  let count = 0;
  for (let i = 0; i < data.length; i += 4) {
    if (Math.abs(data[i] - r) + Math.abs(data[i + 1] - g) + Math.abs(data[i + 2] - b) > 90) continue;
    count++;
    columns.add((i / 4) % width);
  }
  return { count, covered: columns.size / width };
}

test("the login page shows and refuses nothing but strangers", async () => {
  await page.goto(base.href);
  await page.waitForSelector("input[name=login]");
  await look("login");
  noProblem();
});

const openCase = async (id) => {
  await page.goto(new URL(`#/cases/${id}`, base).href);
  await page.waitForSelector("article[data-state]:not([data-state=loading])");
};
/** Writes and sends one of the case's own forms. */
async function write(command, text) {
  const form = page.locator(`[data-compose="${command}"]`);
  if ((await form.count()) === 0) await page.click(`[data-action="${command}"]`);
  await form.locator("textarea[name=text]").fill(text);
  await form.locator("[data-action=send]").click();
  await page.locator(".dialogue").getByText(text).waitFor();
}
async function confirm() {
  await page.click("dialog [data-action=confirm]");
  await page.waitForSelector("dialog", { state: "detached" });
}
async function fillOpinion(orientation, text) {
  await page.check("input[name=data_sufficient][value=yes]");
  await page.fill("textarea[name=conclusion]", text);
  await page.check(`input[name=orientation][value=${orientation}]`);
}
const no = (name) => page.check(`input[name="${name}"][value=no]`);
/** Every radio pair of the form that asks yes or no. */
async function noToAll(prefix) {
  const names = await page.locator(`input[type=radio][value=no][name^="${prefix}"]`).evaluateAll((all) => all.map((one) => one.name));
  assert.ok(names.length > 0, `no questions of ${prefix}`);
  for (const name of names) await no(name);
}

test("an expert keeps texts, appointments and hours of his own", async () => {
  await login(experts[0]);
  await page.click("nav a[href='#/practice']");
  await page.click("[data-action=new-phrases]");
  await page.fill("dialog input[name=title]", "Contrôle");
  await page.fill("dialog textarea[name=text]", "Contrôle dans un an.");
  await confirm();
  await page.waitForSelector("[data-text='Contrôle']");
  await page.fill("input[name=max_weekly_cases]", "40");
  await page.check("input[name=digest_hours][value='12']");
  await page.click("[data-action=save-terms]");
  await page.getByText("Enregistré.").waitFor();
  const tomorrow = new Date(Date.now() + 86_400_000).toISOString().slice(0, 10);
  await page.fill("[data-slots] input[name=date]", tomorrow);
  await page.fill("[data-slots] input[name=time]", "14:30");
  await page.fill("[data-slots] input[name=place]", "Cabinet du Port");
  await page.fill("[data-slots] input[name=booking]", "0590 00 00 00");
  await page.click("[data-action=add-slot]");
  await page.waitForSelector("[data-slots] li[data-slot]");
  await look("practice");
  noProblem();
});

test("an expert finds the offered case", async () => {
  for (const expert of experts) {
    await (expert === experts[0] ? page.click("nav a[href='#/']") : as(expert));
    await page.waitForSelector("a.case[data-state=offered]");
    const id = await page.locator("a.case[data-state=offered]").first().getAttribute("data-case");
    cases.set(expert.login, id);
  }
  await as(experts[0]);
  const offered = page.locator("a.case[data-state=offered]").first();
  await offered.locator(".brief").waitFor();
  assert.match(await offered.locator(".brief").textContent(), /, \d+ ans/);
  await look("list");
  await page.keyboard.press("/");
  await page.keyboard.type("aucun dossier");
  await page.waitForFunction(() => document.querySelectorAll("a.case").length === 0);
  await page.fill("[type=search]", "");
  await page.locator("h1").focus();
  await page.keyboard.press("j");
  await page.waitForFunction((id) => document.activeElement?.dataset.case === id, cases.get(experts[0].login));
  await page.keyboard.press("Enter");
  await stateIs("offered");
  noProblem();
});

test("a long list comes piece by piece, and is searched whole", async () => {
  await page.route(/\/api\/v1\/cases$/, async (route) => {
    const answer = await route.fetch();
    const body = await answer.json();
    const [one] = body.cases;
    body.cases = Array.from({ length: 250 }, (_, i) => ({ ...one, id: `${one.id.slice(0, 23)}${i}`, number: `TE-2026-LONG${i}` }));
    await route.fulfill({ response: answer, json: body });
  });
  await page.goto(new URL("#/", base).href);
  const count = () => page.locator("a.case").count();
  await page.waitForFunction(() => document.querySelector("section .count")?.textContent === "250");
  assert.ok((await count()) < 250, "the whole list is in the page at once");
  for (let turn = 0; turn < 10 && (await count()) < 250; turn++) {
    await page.keyboard.press("End");
    await page.waitForTimeout(50);
  }
  assert.equal(await count(), 250);
  await page.fill("[type=search]", "LONG249");
  await page.waitForFunction(() => document.querySelectorAll("a.case").length === 1);
  await page.unroute(/\/api\/v1\/cases$/);
  await openCase(cases.get(experts[0].login));
  noProblem();
});

test("the tracing is drawn", async () => {
  const canvas = page.locator("telavis-ecg canvas").first();
  await canvas.waitFor();
  await page.waitForFunction((node) => node.width > 400, await canvas.elementHandle());
  const ink = await canvas.evaluate(inkOf);
  assert.ok(ink.count > 2000, `${ink.count} pixels drawn`);
  assert.ok(ink.covered > 0.8, `${ink.covered} of the width drawn`);
  await look("case-offered");
  noProblem();
});

test("the expert accepts and asks, the requester answers with another file", async () => {
  await page.click("[data-action=accept]");
  await stateIs("accepted");
  await page.click("[data-action=need-info]");
  await look("case-asking");
  await write("need-info", "Un tracé antérieur est-il disponible ?");
  await stateIs("waiting");
  await as(requester);
  await page.locator(`a.case[data-case="${cases.get(experts[0].login)}"]`).click();
  await stateIs("waiting");
  await page.setInputFiles("[data-compose=info] input[type=file]", [tracing]);
  await look("case-waiting");
  await write("info", "Oui, le voici.");
  await stateIs("accepted");
  noProblem();
});

test("a draft is kept, an opinion is signed, taken back and signed again", async () => {
  await as(experts[0]);
  await openCase(cases.get(experts[0].login));
  await page.fill("textarea[name=conclusion]", "Rythme sinusal");
  await page.waitForSelector("[data-draft=saved]");
  await page.reload();
  await page.waitForFunction(() => document.querySelector("textarea[name=conclusion]")?.value === "Rythme sinusal");
  await page.click("[data-action=sign]");
  await page.waitForSelector(".problem");
  assert.equal(await page.evaluate(() => document.activeElement.name), "data_sufficient");
  await fillOpinion("in_person", conclusion);
  await page.fill("textarea[name=conduct]", "Poursuivre le traitement.");
  await page.selectOption("[data-texts=phrase]", { label: "Contrôle" });
  assert.equal(await page.inputValue("textarea[name=conduct]"), "Poursuivre le traitement. Contrôle dans un an.");
  await page.fill("input[name='in_person.delay_days']", "14");
  await page.check("input[name=slots]");
  await look("case-answering");
  // A template names no patient.
  const family = (await page.textContent(".identity strong")).split(" ")[0];
  for (const [title, kept] of [[`Comme ${family}`, false], ["Avis normal", true]]) {
    await page.click("[data-action=keep-template]");
    await page.fill("dialog input[name=title]", title);
    await page.click("dialog [data-action=confirm]");
    if (!kept) await page.waitForSelector("dialog .error");
    if (!kept) await page.keyboard.press("Escape");
    await page.waitForSelector("dialog", { state: "detached" });
  }
  await page.locator("[data-texts=template] option", { hasText: "Avis normal" }).waitFor({ state: "attached" });
  const preview = page.waitForResponse((response) => response.url().endsWith("/preview"));
  const opened = page.context().waitForEvent("page");
  await page.click("[data-action=preview]");
  assert.equal((await preview).headers()["content-type"], "application/pdf");
  await (await opened).close();
  await page.click("[data-action=sign]");
  await page.waitForSelector("dialog .whom");
  await look("case-signing");
  await confirm();
  await page.waitForSelector("[data-leaving]");
  await page.click("[data-action=take-opinion-back]");
  await page.waitForFunction((text) => document.querySelector("textarea[name=conclusion]")?.value === text, conclusion);
  await page.click("[data-action=sign]");
  await confirm();
  await page.waitForSelector("[data-leaving]");
  await page.waitForSelector("[data-action=next-case]");
  await look("case-leaving");
  await stateIs("answered", "delivered");
  await page.getByText(conclusion).first().waitFor();
  noProblem();
});

test("an urgent opinion leaves at once, with both telephones", async () => {
  await as(experts[1]);
  await page.locator(`a.case[data-case="${cases.get(experts[1].login)}"]`).focus();
  await page.keyboard.press("a");
  await stateIs("accepted");
  await fillOpinion("emergency_15", "Bloc auriculoventriculaire complet.");
  await page.click("[data-action=sign]");
  await confirm();
  await stateIs("answered", "delivered");
  await page.locator("[data-urgent] a[href^='tel:']").nth(1).waitFor();
  await write("call", "Médecin requérant joint à 14 h 05 : appel du 15 fait.");
  await look("case-urgent");
  await as(requester);
  await openCase(cases.get(experts[1].login));
  await page.click("[data-urgent] [data-action=acknowledge]");
  await page.waitForSelector("[data-urgent] [data-action=acknowledge]", { state: "detached" });
  // An opinion is closed in one tap once its report was read.
  await page.evaluate(async (href) => void (await (await fetch(href)).arrayBuffer()), await page.getAttribute("[data-action=report]", "href"));
  await page.click("nav a[href='#/']");
  const closing = page.locator("li", { has: page.locator(`[data-case="${cases.get(experts[1].login)}"]`) });
  await closing.locator("[data-close=confirmed]").waitFor();
  await look("list-closing");
  await closing.locator("[data-close=confirmed]").click();
  await page.waitForSelector(`[data-case="${cases.get(experts[1].login)}"][data-state=closed]`);
  noProblem();
});

test("the requester reads the report, asks, and closes", async () => {
  const id = cases.get(experts[0].login);
  await openCase(id);
  const report = await page.evaluate(async (href) => {
    const response = await fetch(href);
    const bytes = new Uint8Array(await response.arrayBuffer());
    return { type: response.headers.get("Content-Type"), start: String.fromCharCode(...bytes.subarray(0, 5)) };
  }, await page.getAttribute("[data-action=report]", "href"));
  assert.deepEqual(report, { type: "application/pdf", start: "%PDF-" });
  await page.reload();
  await stateIs("delivered");
  await write("follow-up", "Faut-il un Holter ?");
  await as(experts[0]);
  await openCase(id);
  await write("follow-up-answer", "Non, sauf récidive.");
  await as(requester);
  await openCase(id);
  await page.getByText("Cabinet du Port").first().waitFor();
  await look("case-delivered");
  await page.fill("[data-compose=appointment] input[name=date]", "2030-01-15");
  await page.click("[data-compose=appointment] [data-action=send]");
  await page.waitForSelector("[data-compose=appointment]", { state: "detached" });
  const form = page.locator("[data-compose=close-out]");
  for (const [name, value] of [["outcome", "confirmed"], ["referral", "avoided"], ["value_for_patient", "5"], ["value_for_requester", "4"]]) {
    await form.locator(`input[name=${name}][value="${value}"]`).check();
  }
  await form.locator("[data-action=send]").click();
  await stateIs("closed");
  await page.click("[data-action=outcome]");
  const told = page.locator("[data-compose=outcome]");
  await told.locator("input[name=result][value=benign]").check();
  await told.locator("textarea[name=text]").fill("Consultation : examen normal.");
  await look("case-outcome");
  await told.locator("[data-action=send]").click();
  await page.locator(".dialogue").getByText("Consultation : examen normal.").waitFor();
  await stateIs("closed");
  await look("case-closed");
  await page.click("nav a[href='#/notebook']");
  await page.waitForSelector("li.notebook");
  await look("notebook");
  noProblem();
});

test("the author corrects his opinion", async () => {
  await as(experts[0]);
  await openCase(cases.get(experts[0].login));
  await page.click("[data-action=correct]");
  await page.fill("textarea[name=conclusion]", `${conclusion} QTc normal.`);
  await page.click("[data-action=sign]");
  await confirm();
  await page.waitForSelector("[data-leaving]");
  noProblem();
});

test("the acts page shows", async () => {
  await page.click("nav a[href='#/acts']");
  await page.waitForSelector("telavis-acts table, telavis-acts .empty");
  await look("acts");
  noProblem();
});

async function fillTracingRequest() {
  await page.goto(new URL("#/new", base).href);
  await page.waitForSelector("select[name=reason]");
  await page.selectOption("select[name=reason]", "rhythm_disorder");
  await page.fill("textarea[name=question]", "Faut-il anticoaguler ?");
  await page.setInputFiles("input[type=file]", [tracing]);
  await page.check("input[name='consent.given_by'][value=patient]");
  await page.check("input[name='information.form'][value=oral]");
}

test("a request names what is missing and leads to it", async () => {
  await as(requester);
  await page.waitForSelector("a.case");
  await look("list-requester");
  await page.click("nav a[href='#/new']");
  await page.waitForSelector("select[name=reason]");
  await look("request");
  await page.click("[data-action=submit]");
  await page.waitForSelector(".problems");
  assert.match(await page.evaluate(() => document.activeElement.name), /^red_flags\./);
  await look("request-problems");
  noProblem();
});

test("an unfinished request is kept and completed", async () => {
  await fillTracingRequest();
  await page.fill("input[name='clinical.vitals.heart_rate_bpm']", "1000");
  await page.click("[data-action=keep]");
  await page.waitForSelector(".problem");
  await page.fill("input[name='clinical.vitals.heart_rate_bpm']", "72");
  await page.click("[data-action=keep]");
  await stateIs("incomplete");
  await look("case-incomplete");
  await page.click("[data-action=complete]");
  await page.waitForFunction(() => document.querySelector("input[name='clinical.vitals.heart_rate_bpm']")?.value === "72");
  await noToAll("red_flags.");
  await noToAll("clinical.");
  await page.fill("input[name='clinical.vitals.systolic_mmhg']", "130");
  await page.fill("input[name='clinical.vitals.diastolic_mmhg']", "80");
  await page.check("input[name='none.treatments']");
  await page.fill("textarea[name='clinical.history']", "hypertension");
  await page.fill("input[name='clinical.own_reading.rhythm']", "sinusal");
  await page.fill("input[name='clinical.own_reading.conclusion']", "normal");
  await look("request-complete");
  await page.click("[data-action=submit]");
  await stateIs("queued", "offered");
  noProblem();
});

test("a red flag leads to 15, with a letter, until the regulation was made", async () => {
  await fillTracingRequest();
  await page.check("input[name='red_flags.st_elevation'][value=yes]");
  await page.waitForSelector("dialog[open][data-exit-screen='15_now']");
  await look("request-red-flag");
  await page.click("[data-action=exit-letter]");
  await stateIs("redirected");
  const letter = await page.evaluate(async (href) => (await fetch(href)).headers.get("Content-Type"),
    await page.getAttribute("[data-action=letter]", "href"));
  assert.equal(letter, "application/pdf");
  await look("case-redirected");
  await page.click("[data-action=resume]");
  await page.fill("[data-compose=resume] input[name=regulated_at]", "14:05");
  await page.click("[data-compose=resume] [data-action=send]");
  await page.waitForSelector("article[data-state]:not([data-state=redirected])");
  noProblem();
});

test("the coordinator sees how experts were chosen, and no content", async () => {
  await as(coordinator);
  await page.locator("a.case[data-state=offered]").first().click();
  await page.waitForSelector("telavis-routing summary");
  await page.click("telavis-routing summary");
  await page.waitForSelector("telavis-routing tbody tr");
  await look("case-coordinator");
  await page.click("[data-action=reassign]");
  await page.waitForSelector("dialog select[name=expert] option:nth-child(2)", { state: "attached" });
  await page.keyboard.press("Escape");
  assert.equal(await page.locator(".request").count(), 0);
  noProblem();
});

test("photos with their roles and a PDF are sent and shown", async () => {
  await as(requesters.find((one) => one.programme.startsWith("dermato-oncologie")));
  await page.goto(new URL("#/new", base).href);
  await page.waitForSelector("select[name=reason]");
  await page.setInputFiles("input[type=file]", [lesion, document]);
  await page.locator("ul.files select").first().selectOption("close_up");
  await page.selectOption("select[name=reason]", "suspicious_lesion");
  await page.fill("textarea[name=question]", "Lésion pigmentée récente du bras : avis ?");
  await page.fill("input[name='patient.family_name']", "ESSAI");
  await page.fill("input[name='patient.given_name']", "Camille");
  await page.fill("input[name='patient.birth_date']", "2015-03-02");
  await page.selectOption("select[name='patient.sex']", "female");
  await noToAll("red_flags.");
  await noToAll("clinical.");
  await page.locator("telavis-body-picker path[data-site=arm_left]").first().click();
  assert.equal(await page.inputValue("input[name='clinical.lesion.site']"), "bras gauche");
  await page.fill("input[name='clinical.lesion.count']", "1");
  await page.fill("input[name='clinical.lesion.size_mm']", "7");
  await page.fill("input[name='clinical.lesion.since']", "03/2026");
  await page.selectOption("select[name='clinical.lesion.evolution']", "growing");
  await page.fill("input[name='clinical.phototype']", "3");
  await page.fill("input[name='clinical.own_reading.hypothesis']", "nævus atypique");
  await page.check("input[name='consent.given_by'][value=patient]");
  await page.check("input[name='information.form'][value=oral]");
  await page.click("[data-action=submit]");
  // A minor does not consent alone.
  await page.waitForSelector(".problem");
  await page.check("input[name='consent.given_by'][value=representative]");
  await page.fill("input[name='consent.representative_name']", "Mme ESSAI");
  await page.fill("input[name='consent.representative_quality']", "mère");
  await look("request-photos");
  await page.click("[data-action=submit]");
  await page.waitForSelector("a[data-document]");
  await page.waitForSelector("figure [data-photo]");
  await page.waitForFunction(() => document.querySelector("figcaption")?.textContent.includes("gros plan"));
  await look("case-photos");
  const answer = await page.request.get(await page.locator("a[data-document]").evaluate((link) => link.href));
  assert.equal(answer.headers()["content-type"], "application/pdf");
  noProblem();
});

test("an open pool sees codes, and the whole case once it is accepted", async () => {
  await as(logins.find((one) => one.role === "expert" && one.programme.startsWith("dermatologie")));
  await page.locator("a.case[data-state=offered]").first().click();
  await page.waitForSelector("[data-coded]");
  assert.equal(await page.getByText("ESSAI").count(), 0);
  await look("case-coded");
  await page.click("[data-action=accept]");
  await stateIs("accepted");
  await page.getByText("ESSAI").first().waitFor();
  noProblem();
});

test("a requester who chooses sees the directory", async () => {
  await as(requesters.find((one) => one.programme.startsWith("ecg-")));
  await page.goto(new URL("#/new", base).href);
  await page.waitForSelector(".directory a[href^='tel:']");
  await look("request-direct");
  noProblem();
});
