// What the gateway Worker is measured against: the least Worker that forwards a request.
// `ORIGIN` is the origin's URL without a path.

export default {
  fetch(request, env) {
    const { pathname, search } = new URL(request.url);
    return fetch(new Request(env.ORIGIN + pathname + search, request), { redirect: "manual" });
  },
};
