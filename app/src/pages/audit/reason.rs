//! Why: a person's words as they are, facts in the reader's language.

use nexus_domain::FieldProblem;
use nexus_domain::access::Grant;
use nexus_domain::audit::{Cause, Encryption, Entry, Recount};
use nexus_domain::experiment::{Evidence, Outcome};
use nexus_domain::template::TemplateKind;

use crate::cx::Cx;
use crate::format::{bp, count};
use crate::pages::experiments::detail::stopped;
use crate::text::common::Common;
use crate::text::decide::DecideWord;
use crate::text::domain::{EnvironmentWord, RoleWord, ScopeWord};
use crate::text::flag_import::FormatWord;
use crate::text::problem::placed_problem;
use crate::text::reason::ReasonWord as W;
use crate::text::recompute::RecomputeWord;
use crate::text::sdk_keys::SdkKeyWord;
use crate::text::settings::MemberWord;

/// Entries of before there were facts are told as they were written.
#[must_use]
pub fn reason(cx: &Cx, entry: &Entry) -> Option<String> {
    let written = entry.reason.clone();
    match entry.cause() {
        Some(cause) => said(cx, &cause).or(written),
        None => match refused_before(entry) {
            Some(problems) => Some(refused(cx, &problems)),
            None => written,
        },
    }
}

/// Refused starts once stood there as JSON.
fn refused_before(entry: &Entry) -> Option<Vec<FieldProblem>> {
    let text = entry.reason.as_ref()?;
    let is_refused = entry.action == "experiment.miss_start";
    is_refused.then(|| serde_json::from_str(text).ok())?
}

/// None of what can't be read, which is told as it was written.
fn said(cx: &Cx, cause: &Cause) -> Option<String> {
    Some(match cause {
        Cause::Safeguard { evidence } => {
            let evidence: Evidence = serde_json::from_str(evidence).ok()?;
            let (_, title, text) = stopped(cx, &str::to_owned, &[], &evidence);
            cx.f(W::Two, &[&title, &text])
        }
        Cause::Missed { problems } => refused(cx, problems),
        Cause::Coverage {
            from_bp,
            to_bp,
            words,
        } => with(cx, cx.f(W::Coverage, &[&bp(*from_bp), &bp(*to_bp)]), words),
        Cause::End {
            from_ms,
            to_ms,
            words,
        } => with(cx, end(cx, *from_ms, *to_ms), words),
        Cause::Decision { outcome, words } => with(cx, answer(cx, outcome), words),
        Cause::Restored { revision } => cx.f(W::Revision, &[&revision.to_string()]),
        Cause::Winner { experiment } => cx.f(W::Winner, &[experiment]),
        Cause::Copied {
            environment,
            revision,
        } => {
            let environment = cx.t(EnvironmentWord::of(*environment));
            cx.f(W::Copied, &[environment, &revision.to_string()])
        }
        Cause::Imported { format } => cx.f(W::Imported, &[cx.t(FormatWord::of(*format))]),
        Cause::Places { count: places } => cx.f(W::Places, &[&count(*places)]),
        Cause::Rules { approval, raw_days } => rules(cx, *approval, *raw_days),
        Cause::Values { added, removed } => cx.f(W::Values, &[&count(*added), &count(*removed)]),
        Cause::QaLink {
            link,
            value,
            hours,
            page,
        } => cx.f(W::QaLink, &[link, value, &hours.to_string(), page]),
        Cause::MadeSdkKey { name, key_kind } => {
            cx.f(W::MadeKey, &[name, cx.t(SdkKeyWord::of(*key_kind))])
        }
        Cause::SdkKey {
            name,
            origins,
            encryption,
        } => of_key(cx, name.as_ref(), origins.as_deref(), *encryption),
        Cause::Template { of, name } => cx.f(of_template(*of), &[name]),
        Cause::Member {
            email,
            disabled,
            grants,
            first_owner,
        } => of_member(cx, email, *disabled, grants, *first_owner),
        Cause::Token { name, scopes } => {
            let scopes = scopes.iter().map(|scope| cx.t(ScopeWord::of(*scope)));
            let scopes: Vec<&str> = scopes.collect();
            cx.f(W::Token, &[name, &scopes.join(cx.t(Common::Comma))])
        }
        Cause::Exported { from_seq, of } => {
            cx.f(W::Exported, &[&from_seq.to_string(), &count(*of)])
        }
        Cause::Retention { entries, days } => {
            cx.f(W::Retention, &[&count(*entries), &days.to_string()])
        }
        Cause::OtherMetrics => cx.t(W::OtherMetrics).to_owned(),
        Cause::Recomputed { by, counts } => recomputed(cx, by, counts),
        Cause::RecomputeFailed { by, failure } => {
            let asked = cx.f(W::AskedBy, &[by]);
            cx.f(W::Two, &[&asked, cx.t(RecomputeWord::of(*failure))])
        }
        Cause::Ahead { version } => cx.f(W::Ahead, &[&version.to_string()]),
    })
}

fn recomputed(cx: &Cx, by: &str, counts: &[Recount]) -> String {
    let of = |r: &Recount| {
        let numbers = [
            r.exposures_before,
            r.conversions_before,
            r.exposures,
            r.conversions,
        ];
        let [before, converted, now, convert] = numbers.map(count);
        cx.f(
            W::Recount,
            &[&r.variant, &before, &converted, &now, &convert],
        )
    };
    let counts: Vec<String> = counts.iter().map(of).collect();
    let asked = cx.f(W::AskedBy, &[by]);
    cx.f(W::Two, &[&asked, &counts.join(" / ")])
}

fn rules(cx: &Cx, approval: Option<bool>, raw_days: Option<u16>) -> String {
    let approval = approval.map(|needed| match needed {
        true => cx.t(W::ApprovalNeeded).to_owned(),
        false => cx.t(W::ApprovalNotNeeded).to_owned(),
    });
    let raw = raw_days.map(|days| match days {
        0 => cx.t(W::RawNone).to_owned(),
        days => cx.f(W::RawDays, &[&days.to_string()]),
    });
    let said: Vec<String> = approval.into_iter().chain(raw).collect();
    said.join(" / ")
}

fn of_key(
    cx: &Cx,
    name: Option<&[String; 2]>,
    origins: Option<&[String]>,
    encryption: Option<Encryption>,
) -> String {
    let name = name.map(|[old, new]| cx.f(W::KeyName, &[old, new]));
    let origins = origins.map(|origins| match origins {
        [] => cx.t(W::AnyOrigin).to_owned(),
        some => cx.f(W::Origins, &[&some.join(cx.t(Common::Comma))]),
    });
    let encryption = encryption.map(|state| match state {
        Encryption::On => cx.t(W::EncryptionOn).to_owned(),
        Encryption::Off => cx.t(W::EncryptionOff).to_owned(),
        Encryption::NewKey => cx.t(W::EncryptionNewKey).to_owned(),
    });
    let said: Vec<String> = [name, origins, encryption].into_iter().flatten().collect();
    said.join(" / ")
}

const fn of_template(kind: TemplateKind) -> W {
    match kind {
        TemplateKind::Experiment => W::ExperimentTemplate,
        TemplateKind::Flag => W::FlagTemplate,
    }
}

fn of_member(cx: &Cx, email: &str, disabled: bool, grants: &[Grant], first_owner: bool) -> String {
    let state = match disabled {
        true => cx.t(MemberWord::Disabled),
        false => cx.t(W::Active),
    };
    let grants: Vec<String> = grants.iter().map(|grant| of_grant(cx, grant)).collect();
    let grants = grants.join(cx.t(Common::Comma));
    let member = cx.f(W::Member, &[email, state, &grants]);
    match first_owner {
        true => cx.f(W::FirstOwner, &[&member]),
        false => member,
    }
}

/// A role in all environments is its name alone.
fn of_grant(cx: &Cx, grant: &Grant) -> String {
    let role = cx.t(RoleWord::of(grant.role));
    match grant.environment {
        Some(environment) => cx.f(W::RoleIn, &[role, cx.t(EnvironmentWord::of(environment))]),
        None => role.to_owned(),
    }
}

fn with(cx: &Cx, said: String, words: &str) -> String {
    match words.trim() {
        "" => said,
        words => cx.f(W::WithWords, &[&said, words]),
    }
}

fn refused(cx: &Cx, problems: &[FieldProblem]) -> String {
    let said = problems.iter().map(|found| placed_problem(cx, found));
    let said: Vec<String> = said.collect();
    cx.f(W::Refused, &[&said.join(" ")])
}

fn end(cx: &Cx, from_ms: Option<i64>, to_ms: Option<i64>) -> String {
    let time = |ms: i64| cx.zone.minute(ms, cx.lang);
    let from = from_ms.map_or_else(|| "–".to_owned(), time);
    match to_ms {
        Some(ms) => cx.f(W::EndMoved, &[&from, &time(ms)]),
        None => cx.f(W::EndGone, &[&from]),
    }
}

fn answer(cx: &Cx, outcome: &Outcome) -> String {
    match outcome {
        Outcome::Ship { variant } => cx.f(DecideWord::Ship, &[variant]),
        Outcome::KeepControl => cx.t(DecideWord::KeepControl).to_owned(),
        Outcome::Inconclusive => cx.t(DecideWord::Inconclusive).to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use nexus_domain::Environment;
    use nexus_domain::access::{Role, Scope};
    use nexus_domain::sdk_key::SdkKeyKind;

    use super::*;
    use crate::lang::Lang;

    #[test]
    fn keys_templates_members_and_tokens_are_told_in_the_readers_language() {
        let grants = vec![
            Grant {
                role: Role::Viewer,
                environment: None,
            },
            Grant {
                role: Role::Experimenter,
                environment: Some(Environment::Staging),
            },
        ];
        let member = |disabled, first_owner| Cause::Member {
            email: "jl@demo.nexus".to_owned(),
            disabled,
            grants: grants.clone(),
            first_owner,
        };
        let key = Cause::MadeSdkKey {
            name: "Web".to_owned(),
            key_kind: SdkKeyKind::Client,
        };
        let template = Cause::Template {
            of: TemplateKind::Experiment,
            name: "Price".to_owned(),
        };
        let token = Cause::Token {
            name: "pipeline".to_owned(),
            scopes: vec![Scope::ExperimentsRead, Scope::SdkKeysRead],
        };
        for (cause, english, japanese) in [
            (
                member(false, false),
                "jl@demo.nexus (active): Viewer, Experimenter (Staging)",
                "jl@demo.nexus（有効）: 閲覧者、実験担当者（ステージング環境）",
            ),
            (
                member(true, true),
                "First owner, by configuration: jl@demo.nexus (disabled): Viewer, Experimenter (Staging)",
                "設定による最初のオーナー: jl@demo.nexus（無効）: 閲覧者、実験担当者（ステージング環境）",
            ),
            (key, "Web (Client key)", "Web（クライアントキー）"),
            (
                template,
                "Experiment template “Price”",
                "実験のテンプレート「Price」",
            ),
            (
                token,
                "pipeline: Read experiments, Read SDK keys",
                "pipeline: 実験の読み取り、SDKキーの読み取り",
            ),
        ] {
            for (lang, told) in [(Lang::En, english), (Lang::Ja, japanese)] {
                let cx = Cx {
                    lang,
                    ..Cx::outside_pages()
                };
                assert_eq!(said(&cx, &cause).as_deref(), Some(told));
            }
        }
    }
}
