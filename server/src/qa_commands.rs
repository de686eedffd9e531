//! `nexus-admin experiment qa-link` and `flag qa-link`: links for testers.

use nexus_control::Console;
use nexus_control::views::QaLinkRow;
use nexus_domain::Environment;
use nexus_domain::actor::Actor;
use nexus_domain::qa::{QaDraft, QaTarget};
use serde_json::Value;

use crate::commands::{described, parse_environment, row, say};

#[derive(clap::Args)]
pub(crate) struct VariantLink {
    /// As in `experiment list`.
    id: String,
    #[command(flatten)]
    link: Link,
    /// Only this variant, by key; repeatable. All of them by default.
    #[arg(long = "variant", value_name = "VARIANT")]
    variants: Vec<String>,
}

#[derive(clap::Args)]
pub(crate) struct ValueLink {
    /// The environment of the flag.
    #[arg(value_name = "ENVIRONMENT", value_parser = parse_environment)]
    whose: Environment,
    /// As in `flag list`.
    key: String,
    #[command(flatten)]
    link: Link,
    /// Only this value, as JSON; repeatable. All that the flag can give by default.
    #[arg(long = "value", value_name = "JSON")]
    values: Vec<String>,
}

#[derive(clap::Args)]
struct Link {
    /// Page of the product to open, such as `https://shop.example/cart`.
    #[arg(long, value_name = "URL")]
    page: String,
    /// Hours until it forces nothing, at most 720.
    #[arg(long, default_value_t = nexus_domain::qa::USUAL_HOURS)]
    hours: u32,
}

impl Link {
    fn draft(self, only: Vec<Value>) -> QaDraft {
        QaDraft {
            page: self.page,
            hours: self.hours,
            only,
        }
    }
}

pub(crate) async fn variant_link(
    console: &Console,
    actor: &Actor,
    args: VariantLink,
) -> anyhow::Result<()> {
    let only = args.variants.into_iter().map(Value::from).collect();
    let draft = args.link.draft(only);
    let made = console.make_variant_links(actor, &args.id, &draft).await;
    tell(&made.map_err(described)?);
    Ok(())
}

pub(crate) async fn value_link(
    console: &Console,
    actor: &Actor,
    args: ValueLink,
) -> anyhow::Result<()> {
    let only = args.values.iter().map(|text| serde_json::from_str(text));
    let draft = args.link.draft(only.collect::<Result<_, _>>()?);
    let made = console.make_value_links(actor, args.whose, &args.key, &draft);
    tell(&made.await.map_err(described)?);
    Ok(())
}

fn tell(made: &[QaLinkRow]) {
    for one in made {
        let what = match &one.link.target {
            QaTarget::Variant { variant, .. } => variant.clone(),
            QaTarget::Value { value, .. } => value.to_string(),
        };
        row(&[&what, &one.url]);
    }
    say(format_args!(
        "the running console publishes the new snapshot to the gateways"
    ));
}
