// From a key to a gesture. Keys are left alone in fields and with modifiers, can be
// switched off, and never repeat while held down. `Space` on a button that was
// reached by Tab presses that button, as everywhere else.
import { signal } from "@preact/signals";
import type { Desk } from "./desk";
import { keyGesture } from "./gestures";

const STORED = "smartqueue.agent.shortcuts";

/** Single-letter keys may be switched off for speech input and the like. */
export const shortcuts = signal(localStorage.getItem(STORED) !== "off");

export function switchShortcuts(on: boolean): void {
  shortcuts.value = on;
  localStorage.setItem(STORED, on ? "on" : "off");
}

export function listenToKeys(desk: Desk): void {
  addEventListener("keydown", (event) => {
    if (event.repeat || event.ctrlKey || event.altKey || event.metaKey || inField(event.target)) return;
    const me = desk.me.value;
    if (desk.choosingTarget.value && me?.ticket != null) return chooseTarget(event, desk);
    if (me === null || !shortcuts.value || (event.key === " " && onButton(event.target))) return;
    const gesture = keyGesture(event.key, me);
    if (gesture === null) return;
    event.preventDefault();
    void desk.perform(gesture);
  });
}

function chooseTarget(event: KeyboardEvent, desk: Desk): void {
  if (event.key === "Escape") desk.choosingTarget.value = false;
  const queue = /^[1-9]$/.test(event.key) ? transferTargets(desk)[Number(event.key) - 1] : undefined;
  if (queue !== undefined) void desk.transferTo(queue);
}

/** The queues a ticket in hand may go to, in the order of their digits. */
export function transferTargets(desk: Desk) {
  const here = desk.me.value?.ticket?.queue_id;
  return desk.queues.targets.value.filter((queue) => queue.id !== here && queue.state !== "closed");
}

function inField(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && /^(INPUT|SELECT|TEXTAREA)$/.test(target.tagName);
}

function onButton(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && /^(BUTTON|A)$/.test(target.tagName);
}
