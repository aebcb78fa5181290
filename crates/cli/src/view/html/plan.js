(() => {
  "use strict";
  const form = document.querySelector(".filters");
  const search = form.querySelector("input[type=search]");
  const boxes = [...form.querySelectorAll("input[type=checkbox]")];
  const shown = form.querySelector(".shown");
  const items = [...document.querySelectorAll("[data-kind]")];
  const groups = [...document.querySelectorAll("[data-group]")].reverse();

  const wanted = (name) => boxes.filter((box) => box.name === name && box.checked).map((box) => box.value);

  // What is ticked is shown; where nothing of a name is ticked, everything is.
  function apply() {
    const kinds = wanted("kind");
    const actions = wanted("action");
    const person = search.value.trim().toLowerCase();
    let count = 0;
    for (const item of items) {
      const { kind, action, person: owner } = item.dataset;
      const fits = (kinds.length === 0 || kinds.includes(kind)) &&
        (actions.length === 0 || actions.includes(action)) &&
        (person === "" || owner.toLowerCase().includes(person));
      item.hidden = !fits;
      if (fits) count += 1;
    }
    // Inner groups come first: a row without a shift, then a week without a row, then a section without a week.
    for (const group of groups) {
      group.hidden = group.querySelector("[data-kind]:not([hidden])") === null;
    }
    shown.textContent = count === items.length ? `all ${count} changes` : `${count} of ${items.length} changes`;
    const parts = [];
    if (kinds.length) parts.push("kind=" + kinds.join(","));
    if (actions.length) parts.push("action=" + actions.join(","));
    if (person) parts.push("person=" + encodeURIComponent(person));
    return parts.join("&");
  }

  function read() {
    const wishes = new URLSearchParams(location.hash.slice(1));
    for (const box of boxes) {
      box.checked = (wishes.get(box.name) || "").split(",").includes(box.value);
    }
    search.value = wishes.get("person") || "";
    apply();
  }

  function changed() {
    const hash = apply();
    try {
      history.replaceState(null, "", "#" + hash);
    } catch {
      // A page that was opened from a mail has no address to keep.
    }
  }

  form.hidden = false;
  form.addEventListener("change", changed);
  form.addEventListener("input", changed);
  form.addEventListener("submit", (event) => event.preventDefault());
  addEventListener("hashchange", read);
  read();
})();
