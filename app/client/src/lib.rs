//! The browser's entry point: makes the islands of `nexus-app` come alive.

// Naming the crate keeps its islands' exports in the module.
pub use nexus_app as app;

/// Called by the page's boot script once the module is loaded.
#[wasm_bindgen::prelude::wasm_bindgen]
pub fn hydrate() {
    console_error_panic_hook::set_once();
    leptos::mount::hydrate_islands();
}
