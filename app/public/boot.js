// Loads the WebAssembly client when the browser is idle and wakes the islands.
// An external file, so that the content security policy needs no exception.
(() => {
  const client = document.currentScript.dataset.client;
  let module = null;

  // Islands inside an island's children wake after it, in document order.
  function wake(root) {
    for (const island of root.querySelectorAll("leptos-island")) {
      if (island.dataset.awake) continue;
      const start = module[island.dataset.component];
      if (!start) throw new Error(`the client has no ${island.dataset.component}: server and site are of different builds`);
      island.dataset.awake = "1";
      start(island);
    }
  }

  async function boot() {
    module = await import(client);
    await module.default();
    module.hydrate();
    wake(document.body);
    document.addEventListener("nexus:swapped", (event) => wake(event.target), true);
    document.documentElement.dataset.awake = "1";
    performance.mark("nexus:awake");
  }

  // What was just done need not be told again after a reload.
  const url = new URL(location.href);
  if (url.searchParams.has("done")) {
    url.searchParams.delete("done");
    history.replaceState(null, "", url);
  }

  // Times are shown where the reader is, unless another zone was chosen. The server can't
  // know: it reads this cookie, and the first page of a browser is asked for once more.
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const remembered = `device-tz=${zone}`;
  if (zone && !document.cookie.split("; ").includes(remembered)) {
    const secure = location.protocol === "https:" ? "; Secure" : "";
    document.cookie = `${remembered}; Path=/; Max-Age=31536000; SameSite=Lax${secure}`;
    const isKept = document.cookie.split("; ").includes(remembered);
    if (isKept && document.documentElement.dataset.zone === "unknown") location.reload();
  }

  // Menus close on Escape and on a click elsewhere.
  const close = (except) => {
    for (const menu of document.querySelectorAll("details[name=menu][open]")) {
      if (!except || !menu.contains(except)) menu.open = false;
    }
  };
  document.addEventListener("click", (event) => close(event.target));
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    const menu = document.activeElement?.closest("details[name=menu][open]");
    close();
    menu?.querySelector("summary")?.focus();
  });

  // A page kept open over an upgrade names a client that is gone: the new page names the
  // new one. Once, in case the client is really missing.
  function failed(error) {
    console.error(error);
    if (sessionStorage.getItem("reloaded-for") === client) return;
    sessionStorage.setItem("reloaded-for", client);
    location.reload();
  }

  const idle = window.requestIdleCallback ?? ((run) => setTimeout(run, 1));
  idle(() => boot().catch(failed), { timeout: 2000 });
})();
