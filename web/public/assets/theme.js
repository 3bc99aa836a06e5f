// Runs before the first paint: puts the reader's choice of theme on the document. Without a choice
// the system's preference holds (styles/tokens.css).
(() => {
  try {
    const theme = localStorage.getItem("agentv-theme");
    if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
  } catch {
    // Storage is blocked: the system's preference it is.
  }
})();
