//! What the schema cannot say about settings: versions, zones, links, instants.

use super::requires;
use crate::diagnostic::{Diagnostic, Shape};
use crate::document::Node;
use crate::schema::nearest;
use crate::time;

/// Appends what is wrong with the settings of a document. Values of a wrong type are the schema's and passed over.
pub(super) fn check(root: &Node, version: &str, findings: &mut Vec<Diagnostic>) {
    let mut report = |node: &Node, problem: Shape| findings.push(Diagnostic::shape(problem, node.span));
    let text = |pointer: &str| root.pointer(pointer).and_then(|node| Some((node, node.as_text()?)));

    if let Some((node, wanted)) = text("/spec/requires") {
        match requires::met(wanted, version) {
            Some(true) => {}
            Some(false) => report(node, Shape::Requires { wanted: wanted.clone(), running: version.into() }),
            None => report(
                node,
                bad("requires is no condition on versions", Some("write \">=0.1\", \"^0.1\", \"0.1.0\" or several with commas")),
            ),
        }
    }
    if let Some((node, zone)) = text("/spec/timezone")
        && !time::zone_exists(zone)
    {
        let names = time::zone_names();
        let fix = nearest(zone, names.iter().map(String::as_str)).map(|zone| format!("did you mean {zone}?"));
        let fix = fix.or_else(|| Some("use a name of the IANA database, for example Asia/Shanghai".to_owned()));
        report(node, Shape::BadSetting { reason: format!("there is no time zone {zone}"), fix });
    }
    for pointer in ["/spec/helpdesk/url", "/spec/callCenter/url", "/spec/helpdesk/auth/oauth2/tokenUrl"] {
        if let Some((node, url)) = text(pointer)
            && let Err((reason, fix)) = link(url)
        {
            let problem = bad(reason, fix);
            report(node, if url.contains('@') { problem.guarded() } else { problem });
        }
    }
    if let Some((node, url)) = text("/spec/ledger/url")
        && !is_bucket(url)
    {
        let fix = "write it as s3://bucket/prefix, gs://bucket/prefix or az://container/prefix; credentials come from the environment";
        let problem = bad("the ledger's url names no place in a bucket", Some(fix));
        report(node, if url.contains('@') { problem.guarded() } else { problem });
    }
    if let (Some(_), Some((node, _))) = (text("/spec/ledger/url"), text("/spec/ledger/file")) {
        let fix = "leave one of them out; in an environment, file: null takes out the file of the settings above";
        report(node, bad("the ledger has both a file and a url", Some(fix)));
    }
    if let Some((node, now)) = text("/spec/sandbox/now")
        && !time::is_instant(now)
    {
        report(node, bad("now is no instant", Some("write it as RFC 3339: \"2026-12-01T08:00:00+08:00\"")));
    }
}

fn bad(reason: &str, fix: Option<&str>) -> Shape {
    Shape::BadSetting { reason: reason.to_owned(), fix: fix.map(str::to_owned) }
}

/// Whether a link can be the root of a platform: `https` (or `http` on loopback), a host, and no credentials, query or fragment.
fn link(url: &str) -> Result<(), (&'static str, Option<&'static str>)> {
    let (secure, rest) = match url.split_once("://") {
        Some(("https", rest)) => (true, rest),
        Some(("http", rest)) => (false, rest),
        _ => return Err(("url must begin with https://", Some("write it like https://www.bangwo8.com"))),
    };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    if authority.contains('@') {
        return Err(("url must not hold credentials", Some("use helpdesk.auth or callCenter.token")));
    }
    let host = match authority.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((host, _)) => host,
        None => authority.split(':').next().unwrap_or_default(),
    };
    if host.is_empty() || url.contains(char::is_whitespace) {
        return Err(("url has no host", Some("write it like https://www.bangwo8.com, without blanks")));
    }
    if url.contains(['?', '#']) {
        return Err(("url must not have a query or a fragment", Some("cut it off before \"?\" or \"#\"")));
    }
    if !secure && !is_loopback(host) {
        return Err(("url must be https: http is for loopback hosts only", Some("write https://")));
    }
    Ok(())
}

/// Whether a link names a bucket and perhaps a folder in it, and nothing else.
fn is_bucket(url: &str) -> bool {
    let Some((scheme, rest)) = url.split_once("://") else { return false };
    let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
    let plain = |text: &str, no: &[char]| !text.contains(no) && !text.contains(char::is_whitespace);
    ["s3", "gs", "az"].contains(&scheme) && !bucket.is_empty() && plain(bucket, &['@', ':', '?', '#']) && plain(prefix, &['?', '#'])
}

fn is_loopback(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost") || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::link;

    #[test]
    fn plain_http_is_for_loopback_only() {
        for url in ["https://www.bangwo8.com", "http://127.0.0.1:8080", "http://localhost:1/api", "http://[::1]:80"] {
            assert_eq!(link(url), Ok(()), "{url}");
        }
        for url in ["http://example.com", "http://localhost.example.com", "http://127.0.0.1.example.com", "http://10.0.0.1", "ftp://x"] {
            assert!(link(url).is_err(), "{url}");
        }
    }

    #[test]
    fn credentials_queries_and_missing_hosts_are_refused() {
        for url in [
            "https://me:secret@example.com",
            "https://",
            "https://:80",
            "https://example.com/?a=b",
            "https://a b",
            "http://localhost@evil.com",
        ] {
            assert!(link(url).is_err(), "{url}");
        }
    }
}
