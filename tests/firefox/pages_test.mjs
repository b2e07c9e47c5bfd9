// SPDX-License-Identifier: Apache-2.0
// The three jobs in Debian's Firefox ESR, over WebDriver BiDi: the treasurer's acts, the requester's question with a
// tracing, the expert's reading and opinion. How it is begun: ./run.
import assert from "node:assert/strict";
import { mkdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { after, before, test } from "node:test";
import axe from "axe-core";
import puppeteer from "puppeteer-core";
import { nextCode } from "../e2e/second_factor.mjs";

const base = new URL(process.env.BASE_URL);
const { logins } = JSON.parse(readFileSync(process.env.TELAVIS_LOGINS, "utf8"));
const shots = process.env.SCREENSHOTS;
const tracing = new URL("../../fixtures/demo-ecg.scp", import.meta.url).pathname;
const requester = logins.find((one) => one.role === "requester");
const ofProgramme = (role) => logins.find((one) => one.role === role && one.programme === requester.programme);
const problems = [];
let browser;

before(async () => {
  browser = await puppeteer.launch({
    browser: "firefox", executablePath: process.env.FIREFOX ?? "/usr/bin/firefox-esr", acceptInsecureCerts: true, headless: true,
    extraPrefsFirefox: { "intl.accept_languages": "fr-FR" },
  });
});
after(() => browser?.close());

async function comeIn(person) {
  const context = await browser.createBrowserContext();
  const page = await context.newPage();
  page.setDefaultTimeout(60_000);
  page.on("console", (message) => message.type() === "error" && problems.push(`console: ${message.text()}`));
  page.on("pageerror", (error) => problems.push(`page: ${error.message}`));
  await page.setViewport({ width: 1440, height: 900 });
  await page.goto(base.href);
  await (await page.waitForSelector("input[name=login]")).type(person.login);
  await page.type("input[name=password]", person.password);
  await page.click("[data-action=login]");
  await (await page.waitForSelector("input[name=code]")).type(await nextCode(person.totp_secret));
  await page.click("[data-action=second-factor]");
  await page.waitForSelector(`[data-who="${person.login}"]`);
  return page;
}
async function look(page, name) {
  for (const [width, height] of [[390, 844], [1440, 900]]) {
    await page.setViewport({ width, height });
    const wider = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    assert.ok(wider <= 0, `${name} is ${wider} px wider than ${width}`);
    if (!shots) continue;
    mkdirSync(shots, { recursive: true });
    await page.screenshot({ path: path.join(shots, `firefox-${name}-${width}.png`), fullPage: true });
  }
  await page.evaluate(axe.source);
  const found = await page.evaluate(async () => {
    const { violations } = await axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"] });
    return violations.map((one) => `${one.id}: ${one.nodes.map((node) => node.html).join(" ")}`);
  });
  assert.deepEqual(found, [], name);
}
const fill = (page, selector, text) => page.locator(selector).fill(text);
const check = (page, selector) => page.locator(selector).click();
/** How many pixels of the canvas have the colour of the trace. */
const inkOf = (page) => page.$eval("telavis-ecg canvas", (canvas) => {
  const [r, g, b] = getComputedStyle(canvas).getPropertyValue("--ecg-trace").trim().match(/[\da-f]{2}/gi).map((two) => parseInt(two, 16));
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  let count = 0;
  for (let i = 0; i < data.length; i += 4) {
    if (Math.abs(data[i] - r) + Math.abs(data[i + 1] - g) + Math.abs(data[i + 2] - b) <= 90) count++;
  }
  return count;
});

test("an expert reads the tracing, accepts and signs", async () => {
  const page = await comeIn(ofProgramme("expert"));
  await page.waitForSelector("a.case[data-state=offered]");
  await look(page, "list");
  await page.keyboard.press("j");
  await page.keyboard.press("Enter");
  await page.waitForSelector("article[data-state=offered] telavis-ecg canvas");
  await page.waitForFunction(() => document.querySelector("telavis-ecg canvas").width > 400);
  const ink = await inkOf(page);
  assert.ok(ink > 2000, `${ink} pixels drawn`);
  await look(page, "case");
  await page.locator("[data-action=accept]").click();
  await page.waitForSelector("article[data-state=accepted]");
  await check(page, "input[name=data_sufficient][value=yes]");
  await fill(page, "textarea[name=conclusion]", "Rythme sinusal, sans anomalie de la conduction.");
  await check(page, "input[name=orientation][value=gp_management]");
  await look(page, "answering");
  await page.locator("[data-action=sign]").click();
  await page.locator("dialog [data-action=confirm]").click();
  await page.waitForSelector("[data-leaving]");
  await page.waitForSelector("article[data-state=answered], article[data-state=delivered]");
  await page.browserContext().close();
});

test("a requester asks with a tracing, and reads an opinion", async () => {
  const page = await comeIn(requester);
  await page.goto(new URL("#/new", base).href);
  await page.waitForSelector("select[name=reason]");
  await look(page, "new");
  await (await page.$("telavis-files input[type=file]")).uploadFile(tracing);
  await page.waitForSelector("ul.files li");
  await page.goto(new URL("#/", base).href);
  await page.locator("a.case[data-state=answered], a.case[data-state=delivered]").click();
  await page.waitForSelector("article[data-state=delivered] telavis-ecg canvas, article[data-state=answered] telavis-ecg canvas");
  await look(page, "opinion");
  await page.browserContext().close();
});

test("the treasurer sees acts, and no patient", async () => {
  const page = await comeIn(ofProgramme("treasurer"));
  await page.goto(new URL("#/acts", base).href);
  await page.waitForSelector("telavis-acts table");
  await look(page, "acts");
  assert.deepEqual(problems, []);
});
