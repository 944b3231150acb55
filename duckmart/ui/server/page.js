// Streamlit leaves the focus on a menu's button when the keyboard opens it, where the arrows do not reach the entries.
document.addEventListener("keydown", event => {
  if (event.key !== "ArrowDown" && event.key !== "Tab") return;
  if (!event.target.matches('[aria-haspopup="menu"][aria-expanded="true"]')) return;
  const entry = document.querySelector('[role="menuitem"][tabindex="0"]');
  if (!entry) return;
  event.preventDefault();
  event.stopPropagation();
  entry.focus();
}, true);

// Screen readers say each new count; Streamlit has no way to mark a part of the page as a status.
new MutationObserver(() => {
  const headline = document.querySelector(".st-key-headline:not([role])");
  headline?.setAttribute("role", "status");
}).observe(document.body, {subtree: true, childList: true});
