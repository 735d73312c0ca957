// Asks for the daemon's token.

import { get, keepToken } from "./api.js";
import { h, swap } from "./dom.js";

/** Asks until a token is right, and then goes on. */
export function entry(main, error, enter) {
  const field = h("input", { type: "password", id: "token", required: true, autocomplete: "off", spellcheck: "false", "aria-describedby": "token-help token-fault" });
  const fault = h("p", { class: "fault", id: "token-fault", role: "alert" }, error?.message ?? "");
  const button = h("button", null, "Open");
  swap(main, h("form", {
    class: "entry", onsubmit: async (event) => {
      event.preventDefault();
      keepToken(field.value.trim());
      button.disabled = true;
      try {
        await get(["v1", "doctor"]);
        enter();
      } catch (error) {
        if (error.status === 401 || error.status === 429) keepToken(null);
        fault.textContent = error.status === 401 ? "This is not the daemon's token." : error.message;
        field.select();
      }
      button.disabled = false;
    },
  }, h("h1", null, "This daemon asks for its token"),
    h("label", { for: "token" }, "Token"), h("div", { class: "row" }, field, button),
    h("p", { id: "token-help", class: "quiet" }, "The content of the file that ", h("code", null, "tokenFile"), " of its configuration names. It stays in this tab and is gone when the tab is closed. ",
      "Over a Unix socket, ", h("code", null, "nas-ctl dashboard"), " prints an address that needs none."), fault));
  document.title = "Token · nasd";
  field.focus();
}
