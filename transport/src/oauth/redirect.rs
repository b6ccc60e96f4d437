//! Where an answer may be sent: addresses a client registered, compared character by character.
//!
//! The one exception is that of RFC 8252: a program on the person's own machine listens on a port it does not choose.
//! Invariant: nothing is normalised before it is compared, so no two spellings of an address are alike.

/// Whether `asked` is one of `registered`.
pub(crate) fn is_registered(asked: &str, registered: &[String]) -> bool {
    registered.iter().any(|known| {
        known == asked
            || match (loopback(known), loopback(asked)) {
                (Some(known), Some(asked)) => known == asked,
                (None, _) | (_, None) => false,
            }
    })
}

/// Host and path of an address on the person's own machine, without its port.
fn loopback(address: &str) -> Option<(&str, &str)> {
    let rest = address.strip_prefix("http://")?;
    let host = ["127.0.0.1", "[::1]"].into_iter().find(|host| rest.starts_with(host))?;
    let rest = &rest[host.len()..];
    let path = match rest.strip_prefix(':') {
        Some(port) => {
            let digits = port.bytes().take_while(u8::is_ascii_digit).count();
            ((1..=5).contains(&digits)).then(|| &port[digits..])?
        }
        None => rest,
    };
    path.starts_with('/').then_some((host, path))
}

/// Whether a client may register `address`: TLS, the person's own machine, or a scheme of the client's own.
pub(crate) fn may_be_registered(address: &str) -> bool {
    let visible = address.bytes().all(|byte| byte.is_ascii_graphic());
    if !visible
        || address.len() > 500
        || address.contains(['#', '*', '\\', '@'])
        || address.contains("/..")
    {
        return false;
    }
    if let Some(rest) = address.strip_prefix("https://") {
        return rest.split('/').next().is_some_and(|host| !host.is_empty());
    }
    loopback(address).is_some() || own_scheme(address).is_some()
}

/// A reversed domain name, as RFC 8252 §7.1 has it: `com.example.app:/…`.
fn own_scheme(address: &str) -> Option<&str> {
    let (scheme, rest) = address.split_once(':')?;
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte);
    let sound = scheme.contains('.') && scheme.bytes().all(plain);
    (sound && rest.starts_with('/')).then_some(scheme)
}

/// What the policy of a page must name, so that a form may end up at `address`.
pub(crate) fn source(address: &str) -> Option<String> {
    let (scheme, rest) = address.split_once(':')?;
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"+-.:[]".contains(&byte);
    match rest.strip_prefix("//") {
        Some(rest) if scheme == "https" || scheme == "http" => {
            let host = rest.split(['/', '?']).next()?;
            // A policy cannot name an IPv6 address, so the scheme is all that can be said.
            let named = if host.starts_with('[') {
                "http:".to_owned()
            } else {
                format!("{scheme}://{host}")
            };
            host.bytes().all(plain).then_some(named)
        }
        _ => own_scheme(address).map(|scheme| format!("{scheme}:")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_very_same_address_will_do() {
        let known = ["https://app.example/cb".to_owned(), "http://127.0.0.1/callback".to_owned()];
        for good in [
            "https://app.example/cb",
            "http://127.0.0.1/callback",
            "http://127.0.0.1:49152/callback",
        ] {
            assert!(is_registered(good, &known), "{good}");
        }
        for bad in [
            "https://app.example/cb/",
            "https://app.example/CB",
            "https://APP.example/cb",
            "https://app.example:443/cb",
            "https://app.example/x/../cb",
            "https://app.example/cb?x=1",
            "https://app.example.evil.example/cb",
            "http://127.0.0.1:49152/callback?x=1",
            "http://127.0.0.1:49152/other",
            "http://127.0.0.1:x/callback",
            "http://127.0.0.1@evil.example/callback",
            "http://localhost/callback",
        ] {
            assert!(!is_registered(bad, &known), "{bad}");
        }
    }

    #[test]
    fn what_could_be_anybodys_is_not_registered() {
        for good in [
            "https://app.example/cb",
            "http://127.0.0.1/cb",
            "http://[::1]/cb",
            "org.example.app:/cb",
        ] {
            assert!(may_be_registered(good), "{good}");
        }
        for bad in [
            "http://app.example/cb",
            "https://",
            "https://*.example/cb",
            "https://a/#f",
            "javascript:alert(1)",
            "app:/cb",
            "",
        ] {
            assert!(!may_be_registered(bad), "{bad}");
        }
    }
}
