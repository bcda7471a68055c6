// A browser that has the dictionary gets shorter answers (RFC 9842). It is fetched after the first answer,
// which it should not hold up.
document.addEventListener("htmx:after:swap", () => {
  const { dictionary } = document.body.dataset;
  if (dictionary) document.head.append(Object.assign(document.createElement("link"), { rel: "compression-dictionary", href: dictionary }));
}, { once: true });
