// Stands before a page until it has a session: the demo's, that of a paired device, or
// a token pasted by a person. It tries again by itself while the server does not answer.
import { signal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";
import type { Role, Session } from "../lib/session";
import type { DeviceRole } from "../lib/pairing";
import { deviceSession } from "../lib/pairing";
import { demoSession, fetchDemo, keepPasted, pastedSession, rememberedTenant } from "../lib/session";
import { Languages } from "./Languages";
import { Pairing } from "./Pairing";
import { words } from "./words";

type Door =
  | { at: "loading" }
  | { at: "no_server" }
  | { at: "form"; refused: boolean }
  | { at: "pairing"; role: DeviceRole }
  | { at: "open"; session: Session };

const RETRY_MS = 3_000;
const door = signal<Door>({ at: "loading" });

async function knock(role: Role, agentId: string | null): Promise<void> {
  try {
    const demo = await fetchDemo();
    const session = demo === null ? ownSession(role) : demoSession(demo, role, agentId);
    door.value = session === null ? closed(role) : { at: "open", session };
  } catch {
    door.value = { at: "no_server" };
    setTimeout(() => void knock(role, agentId), RETRY_MS);
  }
}

const isDevice = (role: Role): role is DeviceRole => role !== "agent";

function ownSession(role: Role): Session | null {
  return (isDevice(role) ? deviceSession(role) : null) ?? pastedSession(role);
}

/** People are asked for a token, devices for somebody who lets them in. */
function closed(role: Role): Door {
  return isDevice(role) ? { at: "pairing", role } : { at: "form", refused: false };
}

/** Back to the door, after the server refused the token for good. */
export function askForToken(): void {
  const role = location.pathname.split("/")[1];
  if (role !== "kiosk" && role !== "display") {
    door.value = { at: "form", refused: true };
    return;
  }
  // A fresh page, so that nothing of a refused session lives on; not at once, so that a
  // server that refuses everybody is not asked without a pause.
  setTimeout(() => location.reload(), RETRY_MS);
}

interface GateProps {
  role: Role;
  agentId?: string | null;
  children: (session: Session) => ComponentChildren;
}

export function Gate({ role, agentId = null, children }: GateProps) {
  useEffect(() => void knock(role, agentId), [role, agentId]);
  const state = door.value;
  switch (state.at) {
    case "loading":
      return <p class="gate" role="status">{words.t("loading")}</p>;
    case "no_server":
      return <p class="gate" role="alert">{words.t("no_server")}</p>;
    case "form":
      return <TokenForm role={role} refused={state.refused} />;
    case "pairing":
      return (
        <Pairing
          role={state.role}
          onPaired={() => location.reload()}
          onToken={() => (door.value = { at: "form", refused: false })}
        />
      );
    case "open":
      return <>{children(state.session)}</>;
  }
}

function TokenForm({ role, refused }: { role: Role; refused: boolean }) {
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const fields = new FormData(event.currentTarget as HTMLFormElement);
    keepPasted(role, String(fields.get("tenant")), String(fields.get("token")));
    // A fresh page, so that nothing of a refused session lives on.
    location.reload();
  };
  return (
    <main class="gate">
      <Languages />
      <form onSubmit={submit} class="token-form">
        <h1>{words.t("token_title")}</h1>
        <p>{words.t("token_help")}</p>
        {refused && <p role="alert" class="refused">{words.t("token_refused")}</p>}
        <label for="tenant">{words.t("tenant")}</label>
        <input id="tenant" name="tenant" required defaultValue={rememberedTenant()} autocomplete="off" dir="ltr" />
        <label for="token">{words.t("token")}</label>
        <input id="token" name="token" type="password" required autocomplete="off" dir="ltr" />
        <button type="submit" class="primary">{words.t("open")}</button>
      </form>
    </main>
  );
}
