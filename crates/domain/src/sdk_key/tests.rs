use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::*;
use crate::{Field, FieldProblem, Problem};

const NOW_MS: i64 = 1_800_000_000_000;

fn random(n: u8) -> KeyMaterial {
    KeyMaterial {
        id: u128::from(n),
        text: [n; 16],
        encryption: [n + 1; 16],
    }
}

fn made(draft: SdkKeyDraft) -> (SdkKey, String) {
    draft.create(&random(7), "ada", NOW_MS).unwrap()
}

fn draft(kind: SdkKeyKind) -> SdkKeyDraft {
    SdkKeyDraft {
        name: " web shop ".to_owned(),
        kind,
        ..SdkKeyDraft::starter(Environment::Production)
    }
}

fn with_origins(kind: SdkKeyKind, origins: &[&str]) -> SdkKeyDraft {
    SdkKeyDraft {
        origins: origins.iter().map(|o| (*o).to_owned()).collect(),
        ..draft(kind)
    }
}

fn problems(draft: SdkKeyDraft) -> Vec<FieldProblem> {
    draft.create(&random(1), "ada", NOW_MS).unwrap_err()
}

#[test]
fn only_of_a_client_key_the_text_is_kept() {
    let (client, text) = made(draft(SdkKeyKind::Client));
    assert_eq!(text, format!("sdk-{}", "07".repeat(16)));
    assert_eq!(client.key.as_deref(), Some(text.as_str()));
    assert_eq!(client.name, "web shop");
    let (server, text) = made(draft(SdkKeyKind::Server));
    assert_eq!(server.key, None);
    assert_eq!(server.sha256, crate::digest::of_bytes(text.as_bytes()));
    assert_eq!(server.hint, "sdk-0707");
    let kept = serde_json::to_string(&server).unwrap();
    assert!(!kept.contains(&text), "{kept}");
}

#[test]
fn gateways_know_a_key_until_it_is_revoked() {
    let (key, _) = made(with_origins(SdkKeyKind::Client, &["https://shop.example"]));
    let published = key.published().unwrap();
    assert_eq!(published.id, key.id.as_str());
    assert_eq!(published.sha256, key.sha256);
    assert!(published.admits("https://shop.example"));
    assert!(!published.admits("https://other.example"));
    assert_eq!(published.encryption_key, None);
    let revoked = key.revoked("ren", NOW_MS + 1);
    assert_eq!((revoked.version, revoked.published()), (2, None));
    assert_ne!(revoked.digest(), key.digest());
}

#[test]
fn encryption_is_switched_and_rotated() {
    let (key, _) = made(draft(SdkKeyKind::Client));
    let change = |key: &SdkKey, encryption, random: u8| {
        let edit = SdkKeyEdit {
            encryption,
            ..SdkKeyEdit::of(key)
        };
        edit.apply(key, &[random; 16], "ren", NOW_MS + 1).unwrap()
    };
    assert_eq!(change(&key, EncryptionChange::Off, 1), None);
    assert_eq!(change(&key, EncryptionChange::Keep, 1), None);
    let on = change(&key, EncryptionChange::On, 1).unwrap();
    let bytes = STANDARD.decode(on.encryption_key.as_ref().unwrap());
    assert_eq!(bytes.unwrap(), [1; 16]);
    assert_eq!((on.version, on.updated_by.as_str()), (2, "ren"));
    assert_eq!(change(&on, EncryptionChange::On, 2), None);
    let rotated = change(&on, EncryptionChange::Rotate, 2).unwrap();
    assert_ne!(rotated.encryption_key, on.encryption_key);
    let off = change(&rotated, EncryptionChange::Off, 3).unwrap();
    assert_eq!(off.encryption_key, None);
}

#[test]
fn a_draft_says_everything_that_is_wrong() {
    let wrong = problems(SdkKeyDraft {
        name: " ".to_owned(),
        ..with_origins(
            SdkKeyKind::Client,
            &[
                "https://a.example",
                "http://b.example",
                "https://A.example",
                " ",
            ],
        )
    });
    let fault = OriginFault::NotHttps;
    let expected = [
        FieldProblem::new(Field::Name, Problem::Required),
        FieldProblem::new(Field::Origin(1), Problem::NotAnOrigin { fault }),
        FieldProblem::new(Field::Origin(2), Problem::Duplicate),
        FieldProblem::new(Field::Origin(3), Problem::Required),
    ];
    assert_eq!(wrong, expected);
    let server = problems(with_origins(SdkKeyKind::Server, &["https://a.example"]));
    let only = FieldProblem::new(Field::Origins, Problem::OnlyForClientKeys);
    assert_eq!(server, [only]);
    let many: Vec<String> = (0..=MAX_ORIGINS)
        .map(|n| format!("https://{n}.example"))
        .collect();
    let many = SdkKeyDraft {
        origins: many,
        ..draft(SdkKeyKind::Client)
    };
    let max = MAX_ORIGINS as u32;
    let too_many = FieldProblem::new(Field::Origins, Problem::TooMany { max });
    assert_eq!(problems(many), [too_many]);
}

#[test]
fn origins_are_what_browsers_send() {
    for good in [
        "https://shop.example",
        "https://shop.example:8443",
        "https://xn--bcher-kva.example",
        "https://192.0.2.7",
        "https://[2001:db8::1]:8443",
        "http://localhost",
        "http://localhost:5173",
        "http://app.localhost:3000",
        "http://127.0.0.1:8080",
        "http://[::1]:8080",
    ] {
        assert_eq!(origin_fault(good), None, "{good}");
    }
    for (bad, fault) in [
        ("shop.example", OriginFault::NoScheme),
        ("ftp://shop.example", OriginFault::NoScheme),
        ("null", OriginFault::NoScheme),
        ("http://shop.example", OriginFault::NotHttps),
        ("http://localhost.example", OriginFault::NotHttps),
        ("https://shop.example/", OriginFault::HasPath),
        ("https://shop.example?a", OriginFault::HasPath),
        ("https://*.shop.example", OriginFault::Wildcard),
        ("https://", OriginFault::BadHost),
        ("https://a b.example", OriginFault::BadHost),
        ("https://bücher.example", OriginFault::BadHost),
        ("https://shop..example", OriginFault::BadHost),
        ("https://-shop.example", OriginFault::BadHost),
        ("https://user@shop.example", OriginFault::BadHost),
        ("https://[2001:db8:0::1]", OriginFault::BadHost),
        ("https://shop.example:443", OriginFault::DefaultPort),
        ("http://localhost:80", OriginFault::DefaultPort),
        ("https://shop.example:", OriginFault::BadPort),
        ("https://shop.example:0", OriginFault::BadPort),
        ("https://shop.example:08443", OriginFault::BadPort),
        ("https://shop.example:65536", OriginFault::BadPort),
    ] {
        assert_eq!(origin_fault(bad), Some(fault), "{bad}");
    }
}
