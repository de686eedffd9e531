// Only in the site of `cargo xtask dev`, at the end of boot.js: loads a page again when
// another build runs than the one it came from.
(() => {
  let loaded = null;

  async function running() {
    const answer = await fetch("/assets/build.txt", { cache: "no-store" });
    return answer.ok ? answer.text() : null;
  }

  async function look() {
    // While the console is restarted nobody answers.
    const build = await running().catch(() => null);
    loaded ??= build;
    if (build && build !== loaded) location.reload();
    else setTimeout(look, 500);
  }

  look();
})();
