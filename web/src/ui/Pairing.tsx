// What an unknown kiosk or display shows: six digits for an administrator to enter,
// large enough to be read from across the hall, and a way to a token for a trial.
import { signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { DeviceRole } from "../lib/pairing";
import { pair } from "../lib/pairing";
import { Languages } from "./Languages";
import { words } from "./words";

const code = signal<string | null>(null);

interface PairingProps {
  role: DeviceRole;
  onPaired: () => void;
  onToken: () => void;
}

export function Pairing({ role, onPaired, onToken }: PairingProps) {
  useEffect(() => {
    let stopped = false;
    const options = { role, show: (shown: string | null) => (code.value = shown), stopped: () => stopped };
    void pair(options).then((paired) => paired && onPaired());
    return () => {
      stopped = true;
    };
  }, [role]);
  const shown = code.value;
  return (
    <main class="gate pairing">
      <Languages />
      <h1>{words.t(role === "kiosk" ? "pair_kiosk" : "pair_display")}</h1>
      <p>{words.t("pair_help")}</p>
      <p class="pairing-code" dir="ltr" role="status">{shown === null ? "······" : `${shown.slice(0, 3)} ${shown.slice(3)}`}</p>
      <p>{words.t(shown === null ? "no_server" : "pair_waiting")}</p>
      <button type="button" onClick={onToken}>{words.t("pair_token")}</button>
    </main>
  );
}
