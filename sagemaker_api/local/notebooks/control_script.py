"""The script of the control page: requests the current state each second, and sends the buttons' actions."""

from __future__ import annotations

# Text is inserted only as text: nothing here sets HTML.
SCRIPT = """
"use strict";
const root = location.pathname;
const find = id => document.getElementById(id);
let newest = -1;
function row(cells, kind) {
  const made = document.createElement("tr");
  for (const cell of cells) {
    const place = document.createElement("td");
    if (cell instanceof Node) place.append(cell); else place.textContent = cell;
    made.append(place);
  }
  if (kind) made.className = kind;
  return made;
}
function button(text, action, more) {
  const made = document.createElement("button");
  made.type = "button";
  made.textContent = text;
  made.addEventListener("click", () => act({action, ...more}));
  return made;
}
function link(text, target) {
  const made = document.createElement("a");
  made.href = target;
  made.textContent = text;
  return made;
}
function fill(id, rows) { find(id).replaceChildren(...rows); }
function buttons(each) {
  const all = document.createElement("span");
  if (each.status === "InService") {
    all.append(button("Open", "mint", {name: each.name}), " ", button("Stop", "stop", {name: each.name}));
  } else if (each.status === "Stopped" || each.status === "Failed") {
    all.append(button("Start", "start", {name: each.name}));
  }
  return all;
}
function show(state) {
  find("now").textContent = state.now + (state.ahead ? " (moved by " + state.ahead + " s)" : "");
  find("faults").placeholder = state.faults || "throttle:0.2,slow:2";
  fill("instances", state.instances.map(each => row([each.name, each.status, each.becomes, buttons(each)])));
  fill("sessions", state.sessions.map(each => row([each.notebook, each.identity, each.opened, each.left])));
  if (state.newest === newest) return;
  newest = state.newest;
  fill("requests", state.requests.map(each => row([
    each.explained ? link(each.number, root + "requests/" + each.number) : each.number,
    each.time, each.operation, each.status, each.outcome, each.identity, each.client, each.agent
  ], each.status < 400 ? "yes" : "no")));
}
async function ask(path, body) {
  const options = body ? {method: "POST", body: JSON.stringify(body),
    headers: {"Content-Type": "application/json"}} : {};
  const answer = await fetch(root + path, {cache: "no-store", ...options});
  return await answer.json();
}
async function act(what) {
  const said = find("said");
  try {
    const answer = await ask("act", what);
    said.textContent = answer.error || answer.said;
    said.className = answer.error ? "no" : "yes";
    if (answer.open) window.open(answer.open, "_blank", "noopener");
    if (!answer.error) await look();
  } catch (error) {
    said.textContent = "The endpoint does not answer.";
    said.className = "no";
  }
}
async function look() {
  const before = find("live").textContent;
  try {
    show(await ask("state"));
    if (before !== "live") find("live").textContent = "live";
  } catch (error) {
    find("live").textContent = "not connected";
  }
}
for (const form of document.querySelectorAll("form")) {
  form.addEventListener("submit", event => {
    event.preventDefault();
    const value = form.elements.value.value;
    act({action: form.dataset.action, value, identity: form.elements.identity?.value});
  });
}
look();
setInterval(look, 1000);
"""
