// SPDX-License-Identifier: Apache-2.0
// Comes in to the pages as doctors do, and gets back in when something is lost (browser_page.mjs says how it
// is run). TELAVIS_DATA is the engine's data folder: the codes are read from its Maildir drop.
import assert from "node:assert/strict";
import { readFileSync, readdirSync, statSync } from "node:fs";
import path from "node:path";
import { after, before, test } from "node:test";
import { base, giveCode, givePassword, isIn, logins, lookAt, openPage, startBrowser } from "./browser_page.mjs";
import { nextCode, stepNow, totp } from "./second_factor.mjs";

const { people } = JSON.parse(readFileSync(new URL("../../engine/demo/demonstration.json", import.meta.url), "utf8"));
const [doctor] = logins.filter((one) => one.role === "requester");
const { mail_address } = people.find((one) => one.login === doctor.login);
const [treasurer] = logins.filter((one) => one.role === "treasurer");
const newPassword = "une phrase de passe nouvelle";

const problems = []; // refusals are part of this walk; broken pages and policies are not
let browser;
let page;
let secret = doctor.totp_secret;
let printed; // recovery codes

/** Another machine: nothing is shared with the others. */
async function machine() {
  const fresh = await openPage(browser, [1440, 900], (problem) => {
    if (!/status(?: of)? 4\d\d/.test(problem)) problems.push(problem);
  });
  await fresh.goto(base.href);
  await fresh.waitForSelector("input[name=login]");
  return fresh;
}
before(async () => {
  browser = await startBrowser();
  page = await machine();
});
after(() => browser?.close());

const look = (name) => lookAt(page, name, [[1440, 900], [1024, 768], [390, 844]]);
const isRefused = async (where, words) => {
  await where.waitForSelector(".error[role=alert]");
  assert.match(await where.innerText(".error[role=alert]"), words);
};
async function logOut(where) {
  await where.click("[data-action=logout]");
  await where.waitForSelector("input[name=login]:not([hidden])");
}

function bodyOf(mail) {
  const head = mail.slice(0, mail.search(/\r?\n\r?\n/));
  const body = mail.slice(head.length).trim();
  if (/base64/i.test(head)) return Buffer.from(body, "base64").toString("utf8");
  if (!/quoted-printable/i.test(head)) return body;
  const bytes = body.replace(/=\r?\n/g, "").replace(/=([0-9A-F]{2})/g, (_, hex) => String.fromCharCode(parseInt(hex, 16)));
  return Buffer.from(bytes, "latin1").toString("utf8");
}
/** The newest mail to the doctor that matches, once it is there. */
async function mailWith(pattern, since) {
  const folder = path.join(process.env.TELAVIS_DATA, "maildir", mail_address, "new");
  for (let i = 0; i < 200; i++) {
    let files = [];
    try {
      files = readdirSync(folder).map((name) => path.join(folder, name));
    } catch {
      // no mail yet
    }
    const fresh = files.filter((file) => statSync(file).mtimeMs >= since).map((file) => readFileSync(file, "utf8"));
    const found = fresh.map((mail) => pattern.exec(bodyOf(mail))).find(Boolean);
    if (found) return found;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return assert.fail(`no mail with ${pattern}`);
}
/** Asks for a code on the page and reads it in the mailbox. */
async function mailedCode(what) {
  const asked = Date.now();
  await page.click("[data-action=lost]");
  await page.check(`input[name=what][value=${what}]`);
  await page.fill("input[name=login]", doctor.login);
  await look(`recovery-${what}-ask`);
  await page.click("[data-action=ask-code]");
  await page.waitForSelector("[data-action=recover]");
  const [, code] = await mailWith(/: ([0-9a-z]{4}-[0-9a-z]{4})\s/, asked - 1000);
  return code;
}

test("the password alone opens nothing, and a wrong code says what to do", async () => {
  // By the keyboard alone.
  await page.focus("input[name=login]");
  await page.keyboard.type(doctor.login);
  await page.keyboard.press("Tab");
  await page.keyboard.type(doctor.password);
  await page.keyboard.press("Enter");
  await page.waitForSelector("[data-action=second-factor]");
  assert.equal(await page.evaluate(() => document.activeElement.name), "code");
  assert.equal((await page.request.get(new URL("/api/v1/cases", base).href)).status(), 401);
  await look("second-factor");
  await page.keyboard.type("000000");
  await page.keyboard.press("Enter");
  await isRefused(page, /Attendez le code suivant/);
  await look("second-factor-wrong");
  const code = await nextCode(secret);
  await page.keyboard.type(code);
  await page.keyboard.press("Enter");
  await isIn(page, doctor);
  await logOut(page);

  await givePassword(page, doctor);
  await giveCode(page, code); // once more
  await isRefused(page, /déjà servi/);
  await giveCode(page, await nextCode(secret));
  await isIn(page, doctor);
  await logOut(page);
});

test("a lost telephone: the mailed code and the password let another one be enrolled", async () => {
  const code = await mailedCode("second_factor");
  await page.fill("input[name=code]", code);
  await page.fill("input[name=password]", "un autre");
  await page.click("[data-action=recover]");
  await isRefused(page, /incorrecte/);
  await look("recovery-second_factor-wrong");
  await page.fill("input[name=code]", code);
  await page.fill("input[name=password]", doctor.password);
  await page.click("[data-action=recover]");
  await page.waitForSelector("[role=status]");
  await look("login-recovered");
  await mailWith(/votre second facteur a été supprimé/, 0);

  await givePassword(page, doctor);
  await page.waitForSelector("img.qr");
  assert.ok(await page.evaluate(() => document.querySelector("img.qr").naturalWidth > 0));
  await page.click("summary");
  await look("enrolment");
  secret = await page.getAttribute("[data-secret]", "data-secret");
  assert.match(secret, /^[A-Z2-7]{32}$/);
  await page.fill("input[name=code]", "000000");
  await page.click("[data-action=confirm-factor]");
  await isRefused(page, /code/);
  await page.fill("input[name=code]", await nextCode(secret));
  await page.click("[data-action=confirm-factor]");
  await page.waitForSelector(".codes li");
  printed = await page.locator(".codes code").allInnerTexts();
  assert.equal(printed.length, 10);
  await look("recovery-codes");
  await page.click("[data-action=codes-kept]");
  await isIn(page, doctor);
  await mailWith(/un second facteur a été enregistré/, 0);
});

test("open sessions are listed, and end", async () => {
  const other = await machine();
  await givePassword(other, doctor);
  await giveCode(other, printed[0]);
  await isIn(other, doctor);
  await page.goto(new URL("#/account", base).href);
  await page.waitForSelector("[data-session]:nth-child(2)");
  assert.equal(await page.locator("[data-session]").count(), 2);
  assert.equal(await page.locator("[data-current]").count(), 1);
  await look("account");
  await page.click("[data-action=end-session]");
  await page.waitForFunction(() => document.querySelectorAll("[data-session]").length === 1);
  await other.evaluate(() => dispatchEvent(new Event("telavis-refresh")));
  await other.waitForSelector("input[name=login]");
  await givePassword(other, doctor);
  await giveCode(other, printed[0]);
  await isRefused(other, /déjà servi/);
  await giveCode(other, printed[1].toUpperCase());
  await isIn(other, doctor);
  await page.reload();
  await page.click("[data-action=end-others]");
  await page.waitForFunction(() => document.querySelectorAll("[data-session]").length === 1);
  assert.equal((await other.request.get(new URL("/api/v1/me", base).href)).status(), 401);
  await other.context().close();
});

test("a page that nobody touches hides and keeps what was typed", async () => {
  await page.clock.install();
  await page.goto(new URL("#/new", base).href);
  await page.reload();
  await page.fill("textarea[name=question]", "Palpitations : avis ?");
  await page.clock.fastForward("14:00");
  assert.ok(await page.isVisible("textarea[name=question]"));
  await page.click("[data-action=logout]"); // with a draft: it asks
  await page.waitForSelector("dialog[open]");
  await page.clock.fastForward("16:00");
  await page.waitForSelector("[data-action=unlock]");
  assert.ok(!(await page.isVisible("textarea[name=question]")));
  assert.equal(await page.locator("dialog[open]").count(), 0);
  assert.equal(await page.title(), "Telavis");
  await look("locked");
  // The engine has locked it too: a reload shows nothing.
  const answer = await page.request.get(new URL("/api/v1/cases", base).href);
  assert.equal((await answer.json()).error.code, "session_locked");
  await page.fill("input[name=password]", "un autre");
  await page.click("[data-action=unlock]");
  await isRefused(page, /incorrect/);
  await page.fill("input[name=password]", doctor.password);
  await page.click("[data-action=unlock]");
  await isIn(page, doctor);
  assert.equal(await page.inputValue("textarea[name=question]"), "Palpitations : avis ?");
  await page.click("[data-action=logout]"); // with a draft: it asks
  await page.click("dialog[open] .danger");
  await page.waitForSelector("input[name=login]:not([hidden])");
});

test("a forgotten password: the mailed code and the second factor give a new one", async () => {
  const code = await mailedCode("password");
  await page.fill("input[name=code]", code);
  await page.fill("input[name=second_factor]", await nextCode(secret));
  await page.fill("input[name=password]", newPassword);
  await look("recovery-password-use");
  await page.click("[data-action=recover]");
  await page.waitForSelector("[role=status]");
  await mailWith(/mot de passe a été remplacé/, 0);
  await givePassword(page, doctor);
  await isRefused(page, /incorrect/);
  await givePassword(page, { ...doctor, password: newPassword });
  await page.waitForSelector("[data-action=second-factor]");
  await giveCode(page, printed[2]);
  await isIn(page, doctor);
  await logOut(page);
});

test("an unknown login is answered alike", async () => {
  await page.click("[data-action=lost]");
  await page.fill("input[name=login]", "personne@exemple.test");
  await page.click("[data-action=ask-code]");
  await page.waitForSelector("[data-action=recover]");
  await page.click("[data-action=back]");
  await page.waitForSelector("[data-action=login]");
});

test("a treasurer needs a second factor as well", async () => {
  await givePassword(page, treasurer);
  await giveCode(page, totp(treasurer.totp_secret, stepNow()));
  await isIn(page, treasurer);
  assert.deepEqual(problems, []);
});
