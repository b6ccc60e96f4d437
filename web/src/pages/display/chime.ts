// Two tones from an oscillator, played by one audio context that lives as long as
// the page. A context the browser keeps suspended plays nothing and says so: the
// strip on the screen then asks for one key press.
import { signal } from "@preact/signals";
import type { Manner } from "./announce";

/** True while the browser waits for a touch or a key before it lets sound out. */
export const soundLocked = signal(false);

const TONES: Record<Manner, readonly number[]> = { full: [659.25, 523.25], short: [659.25] };
const TONE_S = 0.45;
const LOUDNESS = 0.5;

let context: AudioContext | null = null;

function audio(): AudioContext | null {
  if (context === null && typeof AudioContext !== "undefined") {
    context = new AudioContext();
    context.onstatechange = look;
  }
  return context;
}

function look(): void {
  soundLocked.value = context === null || context.state !== "running";
}

/** Opens the audio and listens for the gesture that unlocks it. */
export function prepareSound(): void {
  const opened = audio();
  look();
  if (opened === null) return;
  const unlock = () => void opened.resume().then(look, look);
  addEventListener("pointerdown", unlock);
  addEventListener("keydown", unlock);
  unlock();
}

/** Resolves when the last tone has ended: true if it could be heard. */
export function chime(manner: Manner): Promise<boolean> {
  const opened = audio();
  look();
  if (opened === null || opened.state !== "running") return Promise.resolve(false);
  return new Promise((done) => {
    TONES[manner].forEach((hertz, index) => {
      const oscillator = tone(opened, hertz, opened.currentTime + 0.03 + index * TONE_S);
      if (index === TONES[manner].length - 1) oscillator.onended = () => done(true);
    });
  });
}

function tone(opened: AudioContext, hertz: number, at: number): OscillatorNode {
  const oscillator = opened.createOscillator();
  const gain = opened.createGain();
  oscillator.frequency.value = hertz;
  gain.gain.setValueAtTime(0, at);
  gain.gain.linearRampToValueAtTime(LOUDNESS, at + 0.02);
  gain.gain.exponentialRampToValueAtTime(0.001, at + TONE_S);
  oscillator.connect(gain);
  gain.connect(opened.destination);
  oscillator.start(at);
  oscillator.stop(at + TONE_S);
  return oscillator;
}
