// SPDX-License-Identifier: Apache-2.0
// What goes wrong around the pages (browser_page.mjs says how it is run): two experts who accept at once, a session that
// ends while an opinion is written, an engine that is killed under the page, a second tab. TELAVIS_SERVER is the
// engine's process, TELAVIS_BINARY and TELAVIS_CONF start another one.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { base, giveCode, givePassword, isIn, login, logins, lookAt, openPage, startBrowser } from "./browser_page.mjs";
import { nextCode } from "./second_factor.mjs";

const pool = logins.filter((one) => one.role === "expert" && one.programme.startsWith("dermatologie"));
const [expert] = logins.filter((one) => one.role === "expert");
const sizes = [[1440, 900], [390, 844]];
let browser;
let server; // of ours
let writer; // the expert whose opinion is never lost

before(async () => {
  browser = await startBrowser();
});
after(async () => {
  await browser?.close();
  server?.kill();
});

/** Somebody at a machine of his own; refusals and a line that is down are part of this walk. */
async function sitDown(person) {
  const problems = [];
  const page = await openPage(browser, sizes[0], (problem) => {
    if (!/status(?: of)? (4\d\d|503)|ERR_|^failed: /.test(problem)) problems.push(problem);
  });
  await page.goto(base.href);
  await login(page, person);
  await page.waitForSelector("a.case");
  return { page, problems };
}
async function openOffered(page) {
  await page.locator("a.case[data-state=offered]").first().click();
  await page.waitForSelector("article[data-state=offered]");
}

test("of two experts who accept at once one has the case, and the other is told", async () => {
  assert.ok(pool.length >= 2, "the pool has one expert only");
  const both = await Promise.all(pool.slice(0, 2).map(sitDown));
  for (const { page } of both) await openOffered(page);
  assert.equal(both[0].page.url(), both[1].page.url());
  await Promise.all(both.map(({ page }) => page.click("[data-action=accept]")));
  const ends = await Promise.all(both.map(({ page }) => Promise.race([
    page.waitForSelector("article[data-state=accepted] telavis-answer").then(() => "has it"),
    page.waitForSelector(".error[role=alert]").then(() => "is told"),
  ])));
  assert.deepEqual([...ends].sort(), ["has it", "is told"]);
  const loser = both[ends.indexOf("is told")].page;
  assert.match(await loser.innerText(".error[role=alert]"), /\S{3}/);
  assert.equal(await loser.locator("telavis-answer").count(), 0);
  assert.equal(await loser.getByText("ESSAI").count(), 0, "he reads a patient who is not his");
  await lookAt(loser, "accept-too-late", sizes);
  for (const { page, problems } of both) {
    assert.deepEqual(problems, []);
    await page.context().close();
  }
});

test("a session that ends while an opinion is written costs no word of it", async () => {
  writer = await sitDown(expert);
  const { page, problems } = writer;
  await openOffered(page);
  await page.click("[data-action=accept]");
  await page.waitForSelector("article[data-state=accepted] telavis-answer");
  await page.fill("textarea[name=conclusion]", "Rythme sinusal, écrit avant la fin de la session");
  await page.context().clearCookies();
  await page.fill("textarea[name=conduct]", "et la suite après.");
  await page.waitForSelector("input[name=login]");
  assert.ok(!(await page.isVisible("textarea[name=conclusion]")), "what was typed is still to be seen");
  await givePassword(page, expert);
  await giveCode(page, await nextCode(expert.totp_secret));
  await isIn(page, expert);
  assert.equal(await page.inputValue("textarea[name=conclusion]"), "Rythme sinusal, écrit avant la fin de la session");
  assert.equal(await page.inputValue("textarea[name=conduct]"), "et la suite après.");
  await page.waitForSelector("[data-draft=saved]");
  assert.deepEqual(problems, []);
});

test("of two tabs one writes, and the other goes on with what it wrote", async () => {
  const { page, problems } = writer;
  const other = await page.context().newPage();
  await other.goto(page.url());
  await other.waitForSelector("[data-elsewhere]");
  await lookAt(other, "second-tab", sizes);
  await page.fill("textarea[name=conduct]", "Dernier mot du premier onglet.");
  await other.click("[data-action=write-here]");
  await other.waitForSelector("textarea[name=conduct]");
  assert.equal(await other.inputValue("textarea[name=conduct]"), "Dernier mot du premier onglet.");
  await page.waitForSelector("[data-elsewhere]");
  await other.fill("textarea[name=conduct]", "Dernier mot du second.");
  await page.click("[data-action=write-here]");
  await page.waitForSelector("textarea[name=conduct]");
  assert.equal(await page.inputValue("textarea[name=conduct]"), "Dernier mot du second.");
  await other.close();
  assert.deepEqual(problems, []);
});

/** Another engine on the same folder and port. */
async function startAgain() {
  const conf = JSON.parse(readFileSync(process.env.TELAVIS_CONF, "utf8"));
  writeFileSync(process.env.TELAVIS_CONF, JSON.stringify({ ...conf, listen_port: Number(base.port) }));
  server = spawn(process.env.TELAVIS_BINARY, ["serve", "--config", process.env.TELAVIS_CONF], { stdio: ["ignore", "pipe", "inherit"] });
  await new Promise((started, failed) => {
    server.once("exit", (code) => failed(new Error(`the engine ended with ${code}`)));
    server.stdout.on("data", (text) => /listening on/.test(text) && started());
  });
}

test("an engine that is killed under the page: what is typed is kept, and leaves once it is back", async () => {
  const { page, problems } = writer;
  process.kill(Number(process.env.TELAVIS_SERVER), "SIGKILL");
  await page.fill("textarea[name=conclusion]", "Écrit pendant que le moteur était arrêté");
  await page.waitForSelector("telavis-answer .actions .problem");
  await lookAt(page, "engine-down", sizes);
  await startAgain();
  await page.waitForSelector("telavis-answer .actions .problem", { state: "detached" });
  await page.check("input[name=data_sufficient][value=yes]");
  await page.check("input[name=orientation][value=gp_management]");
  await page.click("[data-action=sign]");
  await page.click("dialog [data-action=confirm]");
  await page.waitForSelector("[data-leaving]");
  assert.deepEqual(problems, []);
});
