//! What reacts in the browser without a round trip. Each island is a
//! convenience on top of markup that already works: with WebAssembly off, or
//! before it has loaded, forms are sent and links are followed as ever.
//!
//! Islands carry no words of their own: texts are props, rendered in the
//! visitor's language by the server.

mod alert;
pub mod auto_submit;
pub mod copy;
#[cfg(feature = "hydrate")]
mod dom;
pub mod estimate;
pub mod file;
pub mod live;
pub mod palette;
pub mod press;
pub mod relative;
pub mod rule_order;
pub mod slug;
pub mod swap;
pub mod typed_name;
pub mod variants;

pub use auto_submit::AutoSubmit;
pub use copy::CopyButton;
pub use estimate::LiveEstimate;
pub use file::FileIntoText;
pub use live::{LiveRegion, LiveWords, Source};
pub use palette::{CommandPalette, Entry, PaletteWords};
pub use press::PressOnChange;
pub use relative::RelativeWords;
pub use rule_order::{RuleOrder, RuleOrderWords};
pub use slug::{SlugFromName, slugify};
pub use swap::SwapOnPress;
pub use typed_name::TypedName;
pub use variants::{VariantEditor, VariantErrors, VariantFields, VariantWords, even_weights};
