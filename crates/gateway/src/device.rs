//! What kind of device and which browser asks, from what it says about itself.

use http::HeaderMap;
use nexus_flags::Device;

/// Parts of the user agents of programs that nobody looks at.
const BOTS: [&[u8]; 12] = [
    b"bot",
    b"crawl",
    b"spider",
    b"slurp",
    b"headless",
    b"curl/",
    b"wget/",
    b"python-",
    b"go-http-client",
    b"monitor",
    b"lighthouse",
    b"preview",
];
const TABLETS: [&[u8]; 5] = [b"ipad", b"tablet", b"kindle", b"silk/", b"playbook"];
const PHONES: [&[u8]; 4] = [b"mobi", b"iphone", b"ipod", b"windows phone"];
const DESKTOPS: [&[u8]; 5] = [b"windows nt", b"macintosh", b"x11", b"cros", b"linux"];

/// Names of browsers and the marks of their user agents. Most call themselves Chrome or
/// Safari as well, so these come last.
const BROWSERS: [(&str, &[&[u8]]); 6] = [
    ("edge", &[b"edg/", b"edga/", b"edgios/", b"edge/"]),
    ("opera", &[b"opr/", b"opera"]),
    ("samsung", &[b"samsungbrowser"]),
    ("firefox", &[b"firefox", b"fxios"]),
    ("chrome", &[b"chrome", b"crios", b"chromium"]),
    ("safari", &[b"safari"]),
];

/// From `User-Agent`; none without one.
pub(crate) fn browser(headers: &HeaderMap) -> Option<&'static str> {
    let agent = headers.get(http::header::USER_AGENT)?.as_bytes();
    let is = |marks: &[&[u8]]| marks.iter().any(|mark| contains(agent, mark));
    let known = BROWSERS.iter().find(|(_, marks)| is(marks));
    Some(known.map_or("other", |(name, _)| name))
}

/// A browser by its name; others are one.
pub(crate) fn named(name: &str) -> &'static str {
    let known = BROWSERS.iter().find(|(known, _)| *known == name);
    known.map_or("other", |(name, _)| name)
}

/// From `User-Agent` and the client hint `Sec-CH-UA-Mobile`.
pub(crate) fn classify(headers: &HeaderMap) -> Device {
    let agent = headers
        .get(http::header::USER_AGENT)
        .map_or(&[][..], |value| value.as_bytes());
    let mobile_hint = headers
        .get("sec-ch-ua-mobile")
        .is_some_and(|value| value == "?1");
    let is = |marks: &[&[u8]]| marks.iter().any(|mark| contains(agent, mark));
    if agent.is_empty() {
        if mobile_hint {
            Device::Mobile
        } else {
            Device::Other
        }
    } else if is(&BOTS) {
        Device::Bot
    } else if is(&TABLETS) {
        Device::Tablet
    } else if mobile_hint || is(&PHONES) {
        Device::Mobile
    } else if contains(agent, b"android") {
        // Android says "Mobile" on phones only.
        Device::Tablet
    } else if is(&DESKTOPS) {
        Device::Desktop
    } else {
        Device::Other
    }
}

/// Whether the text has this lower-case part, in any case.
fn contains(text: &[u8], part: &[u8]) -> bool {
    let Some((first, rest)) = part.split_first() else {
        return true;
    };
    // Comparing the first byte alone decides nearly always.
    text.len() >= part.len()
        && (0..=text.len() - part.len()).any(|at| {
            text.get(at)
                .is_some_and(|byte| byte.to_ascii_lowercase() == *first)
                && text
                    .get(at + 1..at + part.len())
                    .is_some_and(|here| here.eq_ignore_ascii_case(rest))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(agent: &str) -> Device {
        let mut headers = HeaderMap::new();
        headers.insert("user-agent", agent.parse().unwrap());
        classify(&headers)
    }

    #[test]
    fn real_user_agents() {
        let known = [
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0.0.0 Safari/537.36",
                Device::Desktop,
            ),
            (
                "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Safari/605.1.15",
                Device::Desktop,
            ),
            (
                "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
                Device::Desktop,
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 Version/18.5 Mobile/15E148 Safari/604.1",
                Device::Mobile,
            ),
            (
                "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 Chrome/138.0.0.0 Mobile Safari/537.36",
                Device::Mobile,
            ),
            (
                "Mozilla/5.0 (iPad; CPU OS 17_7 like Mac OS X) AppleWebKit/605.1.15 Version/17.7 Mobile/15E148 Safari/604.1",
                Device::Tablet,
            ),
            (
                "Mozilla/5.0 (Linux; Android 13; SM-X906C) AppleWebKit/537.36 Chrome/138.0.0.0 Safari/537.36",
                Device::Tablet,
            ),
            (
                "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
                Device::Bot,
            ),
            ("curl/8.5.0", Device::Bot),
            ("SomethingElse/1.0", Device::Other),
        ];
        for (agent, device) in known {
            assert_eq!(of(agent), device, "{agent}");
        }
        assert_eq!(classify(&HeaderMap::new()), Device::Other);
    }

    #[test]
    fn the_client_hint_counts() {
        let mut headers = HeaderMap::new();
        headers.insert("sec-ch-ua-mobile", "?1".parse().unwrap());
        assert_eq!(classify(&headers), Device::Mobile);
    }

    proptest::proptest! {
        #[test]
        fn contains_agrees_with_the_standard_library(text in "[a-cA-C/ ]{0,20}", part in "[a-c/ ]{0,4}") {
            let plain = text.to_ascii_lowercase().contains(&part);
            proptest::prop_assert_eq!(contains(text.as_bytes(), part.as_bytes()), plain);
        }
    }

    #[test]
    fn browsers_that_call_themselves_others() {
        let of = |agent: &str| {
            let mut headers = HeaderMap::new();
            headers.insert("user-agent", agent.parse().unwrap());
            browser(&headers)
        };
        let chrome =
            "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/138.0.0.0 Safari/537.36";
        for (agent, name) in [
            (chrome.to_owned(), "chrome"),
            (format!("{chrome} Edg/138.0.0.0"), "edge"),
            (format!("{chrome} OPR/120.0.0.0"), "opera"),
            (
                "Mozilla/5.0 (Linux; Android 14) SamsungBrowser/27.0 Chrome/125.0.0.0 Mobile Safari/537.36".to_owned(),
                "samsung",
            ),
            (
                "Mozilla/5.0 (iPhone) AppleWebKit/605.1.15 CriOS/138.0 Mobile Safari/604.1".to_owned(),
                "chrome",
            ),
            (
                "Mozilla/5.0 (iPhone) AppleWebKit/605.1.15 Version/18.5 Mobile Safari/604.1".to_owned(),
                "safari",
            ),
            (
                "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0".to_owned(),
                "firefox",
            ),
            ("Lynx/2.9".to_owned(), "other"),
        ] {
            assert_eq!(of(&agent), Some(name), "{agent}");
        }
        assert_eq!(browser(&HeaderMap::new()), None);
    }
}
