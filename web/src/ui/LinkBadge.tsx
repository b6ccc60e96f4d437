// Whether what the page shows is true now: a shape, a word and a colour.
import type { Live } from "../lib/socket";
import { words } from "./words";

export function LinkBadge({ live }: { live: Live }) {
  const link = live.link.value;
  const up = link === "live";
  const text = up ? words.t("live") : link === "reconnecting" ? words.t("reconnecting", { n: live.attempt.value }) : words.t("loading");
  return (
    <span class="link-badge" data-link={link}>
      <span aria-hidden="true">{up ? "●" : "◌"}</span> {text}
    </span>
  );
}
