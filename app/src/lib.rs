//! The console's pages and islands.
//!
//! Feature `ssr` renders pages: an axum router that the native server and the
//! console Worker both mount. Feature `hydrate` brings the islands to life in
//! the browser. Pages are server-only; what must react without a round trip is
//! an island, and everything works (slower) when no island ever wakes up.

mod escape;
mod half_width;
pub mod islands;
pub mod textarea;

#[cfg(feature = "ssr")]
pub mod charts;
#[cfg(feature = "ssr")]
pub mod cx;
#[cfg(feature = "ssr")]
pub mod format;
#[cfg(feature = "ssr")]
pub mod host;
#[cfg(feature = "ssr")]
pub mod lang;
#[cfg(feature = "ssr")]
pub mod pages;
#[cfg(feature = "ssr")]
pub mod shell;
#[cfg(feature = "ssr")]
pub mod text;
#[cfg(feature = "ssr")]
pub mod ui;
#[cfg(feature = "ssr")]
pub mod zone;

#[cfg(feature = "ssr")]
pub use cx::{Cx, Density, Theme};
#[cfg(feature = "ssr")]
pub use host::{
    App, AppOptions, AssetManifest, Live, document, refusals, router, signed_out_document,
};
#[cfg(feature = "ssr")]
pub use lang::Lang;
#[cfg(feature = "ssr")]
pub use shell::{SIGN_IN, SIGN_OUT};
#[cfg(feature = "ssr")]
pub use zone::Zone;
