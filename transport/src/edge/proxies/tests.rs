//! Lists of proxies as they come, honest and made up.
//!
//! Each case is a connection, the headers it carried, and whom the program takes for the client.
//! Invariant: no case depends on another.

use super::*;

fn judged(by: ForwardedBy, peer: &str, headers: &[(&str, &str)]) -> (String, bool, String) {
    let trusted = ["10.0.0.0/8", "192.0.2.1", "2001:db8:aaaa::/48"];
    let trusted = trusted.iter().map(|network| network.parse().unwrap()).collect();
    let mut request = Request::builder().header("host", "inner");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let mut request = request.body(Body::empty()).unwrap();
    request.extensions_mut().insert(Arrival { peer: peer.parse().unwrap(), is_tls: false });
    Proxies { trusted, by }.judge(&mut request);
    let left = request.headers().keys().filter(|name| name.as_str().contains("forward")).count();
    assert_eq!(left, 0, "nobody else may believe them");
    let address = request.extensions().get::<ClientAddress>().unwrap().0.to_string();
    let host = request.headers()["host"].to_str().unwrap().to_owned();
    (address, request.extensions().get::<IsHttps>().unwrap().0, host)
}

fn client(peer: &str, list: &str) -> String {
    judged(ForwardedBy::XForwarded, peer, &[("x-forwarded-for", list)]).0
}

#[test]
fn s24_only_hops_of_trusted_proxies_count() {
    for (peer, list, expected) in [
        // Nobody is believed who is not listed.
        ("203.0.113.9", "198.51.100.1", "203.0.113.9"),
        ("203.0.113.9", "10.0.0.1", "203.0.113.9"),
        // One proxy, and what the client wrote before it.
        ("10.0.0.1", "198.51.100.1", "198.51.100.1"),
        ("10.0.0.1", "1.1.1.1, 198.51.100.1", "198.51.100.1"),
        ("10.0.0.1", "10.9.9.9, 198.51.100.1", "198.51.100.1"),
        // Two proxies.
        ("10.0.0.1", "1.1.1.1, 198.51.100.1, 192.0.2.1", "198.51.100.1"),
        // What cannot be read ends the search at the last one who is known.
        ("10.0.0.1", "198.51.100.1, unknown", "10.0.0.1"),
        ("10.0.0.1", "198.51.100.1, _hidden, 192.0.2.1", "192.0.2.1"),
        ("10.0.0.1", "", "10.0.0.1"),
        // A client inside the trusted network.
        ("10.0.0.1", "10.0.0.7", "10.0.0.7"),
        // Ports, brackets, dresses.
        ("10.0.0.1", "198.51.100.1:4711", "198.51.100.1"),
        ("::ffff:10.0.0.1", "::ffff:198.51.100.1", "198.51.100.1"),
        ("2001:db8:aaaa::1", "[2001:db8:bbbb::5]:443", "2001:db8:bbbb::5"),
    ] {
        assert_eq!(client(peer, list), expected, "{peer} says {list:?}");
    }
}

#[test]
fn several_lines_are_one_list() {
    let lines = [("x-forwarded-for", "1.1.1.1"), ("x-forwarded-for", "198.51.100.1")];
    assert_eq!(judged(ForwardedBy::XForwarded, "10.0.0.1", &lines).0, "198.51.100.1");
}

#[test]
fn scheme_and_host_are_the_proxys_word() {
    let headers = [("x-forwarded-proto", "https"), ("x-forwarded-host", "queue.example.org")];
    let trusted = judged(ForwardedBy::XForwarded, "10.0.0.1", &headers);
    assert_eq!(trusted, ("10.0.0.1".to_owned(), true, "queue.example.org".to_owned()));
    let stranger = judged(ForwardedBy::XForwarded, "203.0.113.9", &headers);
    assert_eq!(stranger, ("203.0.113.9".to_owned(), false, "inner".to_owned()));
    let odd = [("x-forwarded-proto", "gopher"), ("x-forwarded-host", "a b; c")];
    let odd = judged(ForwardedBy::XForwarded, "10.0.0.1", &odd);
    assert_eq!((odd.1, odd.2.as_str()), (false, "inner"));
}

#[test]
fn forwarded_is_read_when_the_proxy_writes_it_and_never_beside_the_other() {
    let both = [
        ("forwarded", "for=1.1.1.1, for=\"[2001:db8:bbbb::5]:443\";proto=https;host=\"q.example\""),
        ("x-forwarded-for", "9.9.9.9"),
        ("x-forwarded-proto", "http"),
    ];
    let heard = judged(ForwardedBy::Forwarded, "10.0.0.1", &both);
    assert_eq!(heard, ("2001:db8:bbbb::5".to_owned(), true, "q.example".to_owned()));
    assert_eq!(judged(ForwardedBy::XForwarded, "10.0.0.1", &both).0, "9.9.9.9");
    let hidden = [("forwarded", "for=unknown")];
    assert_eq!(judged(ForwardedBy::Forwarded, "10.0.0.1", &hidden).0, "10.0.0.1");
}
