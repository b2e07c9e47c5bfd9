// SPDX-License-Identifier: Apache-2.0
// Walks the pages as their users do, in a real browser, against a running engine:
//   BASE_URL=https://localhost:8443 TELAVIS_LOGINS=logins.json SCREENSHOTS=shots node browser_test.mjs
// The logins are {"logins":[{"role","programme","login","password"}]}; a case with a tracing must
// already be offered to the first expert. CHROMIUM names the browser (/usr/bin/chromium).
// Any console error, refused policy, failed request or request to another origin is a failure.
import assert from "node:assert/strict";
import { mkdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { after, before, test } from "node:test";
import axe from "axe-core";
import { chromium } from "playwright-core";

const base = new URL(process.env.BASE_URL ?? "https://localhost:8443");
const shots = process.env.SCREENSHOTS;
const { logins } = JSON.parse(readFileSync(process.env.TELAVIS_LOGINS, "utf8"));
const expert = logins.find((one) => one.role === "expert");
const requesters = logins.filter((one) => one.role === "requester" && one.programme === expert.programme);

const dermatologist = logins.find((one) => one.role === "requester" && one.programme !== expert.programme);
const lesion = new URL("../../fixtures/demo-lesion.jpg", import.meta.url).pathname;
const document = process.env.TELAVIS_PDF;

const sizes = [[1440, 900], [1024, 768], [390, 844]];
const conclusion = "Rythme sinusal régulier, sans anomalie de conduction.";
// The engine keeps a signed opinion back for a minute (release_delay) before it leaves.
const releaseTimeout = 120_000;

const problems = [];
let browser;
let page;
let caseId;

before(async () => {
  const flags = [
    "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
  ];
  if (process.getuid() === 0) flags.push("--no-sandbox");
  browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: flags,
  });
  const context = await browser.newContext({
    ignoreHTTPSErrors: true,
    locale: "fr-FR",
    timezoneId: "America/Guadeloupe",
    viewport: { width: 1440, height: 900 },
  });
  page = await context.newPage();
  page.setDefaultTimeout(20_000);
  await page.addInitScript(() => {
    addEventListener("securitypolicyviolation", (event) =>
      console.error(`policy refused ${event.violatedDirective}: ${event.blockedURI}`));
  });
  page.on("console", (message) => {
    if (message.type() === "error") problems.push(`console: ${message.text()}`);
  });
  page.on("pageerror", (error) => problems.push(`page: ${error.message}`));
  page.on("requestfailed", (request) => problems.push(`failed: ${request.url()} ${request.failure()?.errorText}`));
  page.on("request", (request) => {
    const url = new URL(request.url());
    if (!["data:", "blob:"].includes(url.protocol) && url.origin !== base.origin) problems.push(`elsewhere: ${url}`);
  });
  page.on("response", (response) => {
    if (response.status() >= 400) problems.push(`status ${response.status()}: ${response.url()}`);
  });
});
after(() => browser?.close());

function noProblem() {
  assert.deepEqual(problems, []);
}

/** Screenshots at every size, light and dark, each read by axe against WCAG 2.1 AA. */
async function look(name) {
  for (const colorScheme of ["light", "dark"]) {
    for (const [width, height] of sizes) {
      await page.setViewportSize({ width, height });
      await page.emulateMedia({ colorScheme });
      await page.waitForTimeout(100);
      const wider = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      assert.ok(wider <= 0, `${name} is ${wider} px wider than ${width}`);
      if (shots) {
        mkdirSync(shots, { recursive: true });
        await page.screenshot({ path: path.join(shots, `${name}-${width}-${colorScheme}.png`), fullPage: true });
      }
    }
    await page.evaluate(axe.source);
    const { violations } = await page.evaluate(() =>
      axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"] }));
    assert.deepEqual(violations.map((one) => `${one.id}: ${one.nodes.map((node) => node.html).join(" ")}`), [], `${name}, ${colorScheme}`);
  }
  await page.setViewportSize({ width: 1440, height: 900 });
  await page.emulateMedia({ colorScheme: "light" });
}

async function login({ login: name, password }) {
  await page.fill("input[name=login]", name);
  await page.fill("input[name=password]", password);
  await page.click("[data-action=login]");
  await page.waitForSelector(`[data-who="${name}"]`);
}
async function logout() {
  await page.click("[data-action=logout]");
  await page.waitForSelector("input[name=password]");
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

test("an expert finds the offered case", async () => {
  await login(expert);
  const offered = page.locator("a.case[data-state=offered]").first();
  await offered.waitFor();
  caseId = await offered.getAttribute("data-case");
  await look("list");
  await offered.focus();
  await page.keyboard.press("Enter");
  await stateIs("offered");
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

test("the expert accepts, answers and signs", async () => {
  await page.click("[data-action=accept]");
  await stateIs("accepted");
  await page.check("input[name=data_sufficient][value=yes]");
  await page.fill("textarea[name=conclusion]", conclusion);
  await page.fill("textarea[name=conduct]", "Poursuivre le traitement.");
  await page.check("input[name=orientation][value=gp_management]");
  await look("case-answering");
  await page.click("[data-action=sign]");
  await look("case-signing");
  await page.click("dialog [data-action=confirm]");
  await page.waitForSelector("dialog", { state: "detached" });
  await stateIs("answered", "delivered");
  await page.getByText(conclusion).waitFor();
  await look("case-answered");
  noProblem();
});

test("the acts page shows", async () => {
  await page.click("nav a[href='#/acts']");
  await page.waitForSelector("telavis-acts table, telavis-acts .empty");
  await look("acts");
  noProblem();
});

test("the requester reads the opinion and its report", { skip: requesters.length === 0 }, async () => {
  let found = false;
  for (const requester of requesters) {
    await logout();
    await login(requester);
    await page.waitForSelector("telavis-cases .case, telavis-cases .empty");
    found = (await page.locator(`a.case[data-case="${caseId}"]`).count()) > 0;
    if (found) break;
  }
  assert.ok(found, "no requester of the programme sees the case");
  await page.click(`a.case[data-case="${caseId}"]`);
  await page.getByText(conclusion).waitFor();
  const report = await page.evaluate(async (href) => {
    const response = await fetch(href);
    const bytes = new Uint8Array(await response.arrayBuffer());
    return { type: response.headers.get("Content-Type"), start: String.fromCharCode(...bytes.subarray(0, 5)) };
  }, await page.getAttribute("[data-action=report]", "href"));
  assert.deepEqual(report, { type: "application/pdf", start: "%PDF-" });
  await page.reload();
  await stateIs("delivered");
  noProblem();
});

test("the form of a request shows", { skip: requesters.length === 0 }, async () => {
  await page.click("nav a[href='#/new']");
  await page.waitForSelector("select[name=reason]");
  await look("request");
  noProblem();
});

test("photos with their roles and a PDF are sent and shown", { skip: !dermatologist }, async () => {
  await logout();
  await login(dermatologist);
  await page.goto(new URL("#/new", base).href);
  await page.setInputFiles("input[type=file]", [lesion, document]);
  await page.locator("ul.files select").first().selectOption("close_up");
  await page.locator("select[name=reason]").selectOption("suspicious_lesion");
  await page.fill("textarea[name=question]", "Lésion pigmentée récente du bras : avis ?");
  await page.fill("input[name=family_name]", "ESSAI");
  await page.fill("input[name=given_name]", "Camille");
  await page.fill("input[name=birth_date]", "1961-03-02");
  await page.check("input[name=given_by][value=patient]");
  await page.check("input[name=information][value=oral]");
  await look("request-photos");
  await page.click("[data-action=submit]");
  await page.waitForSelector("a[data-document]");
  await page.waitForSelector("figure img");
  await page.waitForFunction(() => document.querySelector("figcaption")?.textContent.includes("gros plan"));
  await look("case-photos");
  const answer = await page.request.get(await page.locator("a[data-document]").evaluate((link) => link.href));
  assert.equal(answer.headers()["content-type"], "application/pdf");
  noProblem();
});
