// Comforts for the pages of an account. Every page works without them: what needs this script is hidden until
// it runs (class "scripted").
"use strict";

(() => {
  document.documentElement.classList.add("scripts");

  const shown = (element, visible) => {
    element.hidden = !visible;
  };
  document.querySelectorAll(".scripted").forEach((element) => shown(element, true));
  document.querySelectorAll(".unscripted").forEach((element) => shown(element, false));

  // A list of problems is read out at once.
  document.querySelector("[data-focus]")?.focus();

  for (const box of document.querySelectorAll("[data-shows]")) {
    box.addEventListener("change", () => {
      for (const id of box.dataset.shows.split(" ")) {
        document.getElementById(id).type = box.checked ? "text" : "password";
      }
    });
  }

  for (const button of document.querySelectorAll("[data-print]")) {
    button.addEventListener("click", () => window.print());
  }

  for (const button of document.querySelectorAll("[data-copies]")) {
    const told = document.getElementById(button.dataset.tells);
    button.addEventListener("click", async () => {
      try {
        await navigator.clipboard.writeText(document.getElementById(button.dataset.copies).value);
        told.textContent = button.dataset.done;
      } catch {
        told.textContent = button.dataset.failed;
      }
    });
  }

  const list = document.querySelector("[data-checks]");
  if (list) {
    live(list);
  }

  // The rules of a new password are judged by the server while it is typed: a little after the last key, one
  // request at a time, and never when the field is empty.
  function live(rules) {
    const field = document.getElementById(rules.dataset.checks);
    const form = field.form;
    const summary = document.getElementById(rules.dataset.summary);
    const pauseMilliseconds = 350;
    let timer = 0;
    let asking = false;
    let judged = "";
    // What each rule said before anything was typed: a count in it is that of a candidate.
    const texts = new Map([...rules.querySelectorAll(".rule-text")].map((each) => [each, each.textContent]));

    field.addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(ask, pauseMilliseconds);
    });

    async function ask() {
      const candidate = field.value;
      if (asking || candidate === judged) {
        return;
      }
      if (!candidate) {
        judged = "";
        mark({});
        summary.textContent = "";
        return;
      }
      asking = true;
      let pause = 0;
      try {
        const body = new URLSearchParams({ candidate, form_token: rules.dataset.token });
        const reply = await fetch(rules.dataset.url, { method: "POST", body, credentials: "same-origin" });
        if (!reply.ok) {
          pause = Number(reply.headers.get("Retry-After") || 0);
          throw new Error(String(reply.status));
        }
        const verdict = await reply.json();
        judged = candidate;
        mark(verdict.rules);
        summary.textContent = verdict.summary;
      } catch {
        judged = pause ? judged : candidate;
        mark({});
        summary.textContent = rules.dataset.unknown;
      } finally {
        asking = false;
      }
      if (form.isConnected && field.value !== judged) {
        clearTimeout(timer);
        timer = setTimeout(ask, Math.max(pause * 1000, pauseMilliseconds));
      }
    }

    function mark(verdicts) {
      for (const rule of rules.querySelectorAll("[data-rule]")) {
        const verdict = verdicts[rule.dataset.rule];
        const state = verdict === undefined ? "" : verdict.passed ? "passed" : "broken";
        rule.className = state;
        rule.querySelector(".rule-mark").textContent = state && `${rules.dataset[state]}: `;
        const text = rule.querySelector(".rule-text");
        text.textContent = verdict === undefined ? texts.get(text) : verdict.text;
      }
    }
  }
})();
