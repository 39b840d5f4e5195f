// A listener in Firefox: goes through a test at an address to its end, over WebDriver BiDi.
//
//     node firefox_run.mjs PUPPETEER_CORE FIREFOX ADDRESS
//
// Prints what the last screen says, and every error of the page; ends with 3 where there is no device to play on.

import { pathToFileURL } from "node:url";

const [library, firefox, address] = process.argv.slice(2);
const puppeteer = (await import(pathToFileURL(library))).default;
const browser = await puppeteer.launch({
  browser: "firefox",
  executablePath: firefox,
  headless: true,
  extraPrefsFirefox: { "media.autoplay.default": 0, "media.autoplay.blocking_policy": 0, "security.sandbox.content.level": 0 },
});
const page = await browser.newPage();
page.on("pageerror", (error) => console.log(`error: ${error.message}`));
await page.goto(address);
const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const there = async (selector) => (await page.$(selector)) !== null;

async function next(selector = "#next") {
  await page.evaluate(() => { window.shown = document.querySelector("main").firstElementChild; });
  await page.click(selector);
  for (let i = 0; i < 300 && await page.evaluate(() => window.shown.isConnected); i++) await wait(40);
}

async function hear() {
  for (const button of await page.$$(".stimulus")) {
    await button.click();
    for (let i = 0; i < 300 && !(await button.evaluate((element) => element.classList.contains("done"))); i++) await wait(40);
  }
}

const until = Date.now() + 120000;
while (Date.now() < until && !(await there("#anew"))) {
  if (await there("#consent")) {
    await page.click("#consent");
    await next();
  } else if (await there("#volume")) {
    for (const first of await page.$$(".choices .choice:first-child input")) await first.evaluate((input) => input.click());
    await page.click(".play");
    for (let i = 0; i < 200 && !(await there(".play.on")); i++) await wait(40);
    if (!(await there(".play.on"))) {
      console.log(await page.evaluate(() => document.querySelector("#connection").innerText));
      await browser.close();
      process.exit(3);
    }
    await next();
  } else if (await there(".stimulus")) {
    await hear();
    await page.evaluate(() => {
      for (const input of document.querySelectorAll(".likert .step:nth-child(4) input, .verdicts .step:first-child input")) input.click();
    });
    for (const slider of await page.$$(".slider input")) await slider.press("ArrowRight");
    await next();
  } else {
    await wait(40);
  }
}
for (let i = 0; i < 100 && !(await there(".verdict.good")); i++) await wait(40);
console.log(await page.evaluate(() => document.querySelector("main").innerText));
await browser.close();
