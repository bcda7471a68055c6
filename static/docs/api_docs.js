// Starts Swagger UI on /docs. It is a file because the content security policy allows no inline script.
(() => {
  const root = document.documentElement;
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const setTheme = () => {
    const { theme } = root.dataset;
    root.classList.toggle("dark-mode", theme === "dark" || (theme === "auto" && dark.matches));
  };
  setTheme();
  dark.addEventListener("change", setTheme);

  const docs = document.getElementById("docs");
  SwaggerUIBundle({ domNode: docs, url: docs.dataset.openapi, deepLinking: true, validatorUrl: null });
})();
