//! What the sign-in page shows of outside providers: a button for each, or the question which organisation.
//!
//! Buttons are links, because a form may not lead away from here.
//! Invariant: a provider that is switched off has no button.

use crate::edge::Edge;
use crate::external;
use crate::oauth::{Form, encode};
use crate::signin::html::{Field, Html};
use crate::signin::lang::Lang;

/// One button per enabled provider of the organisation `slug`; nothing when there is none.
pub(in crate::signin) async fn buttons(edge: &Edge, slug: &str, next: &str, lang: Lang) -> Html {
    let Some(tenant) = edge.engine().tenant(slug) else { return Html::new() };
    // A page without buttons is better than no page.
    let providers = external::enabled(edge, tenant.id()).await.unwrap_or_default();
    providers.iter().fold(Html::new(), |body, provider| {
        let row = &provider.row;
        let address = format!("/oidc/{}/{}/start", encode(slug), encode(&row.slug));
        let address = Form::of([("next", next), ("lang", lang.code())]).onto(&address);
        body.raw("<p><a class=\"outside\" href=\"")
            .text(&address)
            .raw("\">")
            .text(lang.words().sign_in_with)
            .raw(" <bdi>")
            .text(&row.name)
            .raw("</bdi></a></p>")
    })
}

/// Asks which organisation, for whoever signs in at its provider.
pub(in crate::signin) fn ask_organisation(next: &str, lang: Lang) -> Html {
    let words = lang.words();
    let slug = Field {
        name: "tenant",
        label: words.organisation,
        kind: "text",
        fill: "organization",
        ..Field::default()
    };
    Html::new()
        .raw("<details><summary>")
        .text(words.with_organisation)
        .raw("</summary><form method=\"get\" action=\"/signin\">")
        .hidden("next", next)
        .hidden("lang", lang.code())
        .field_called("outside", &slug)
        .button(words.go_on)
        .raw("</form></details>")
}
