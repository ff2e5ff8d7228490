// Steps through the interleavings of a report. Every text of the data goes into
// the page as text, never as markup.
"use strict";

(() => {
  const element = (name, attributes, ...children) => {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    made.append(...children.filter((child) => child !== null));
    return made;
  };
  const count = (number, noun) => `${number} ${noun}${number === 1 ? "" : "s"}`;

  // What is known after each step: states[0] is before the first.
  const states = (panel) => {
    const all = [{ file: panel.before, held: [], blocked: new Set(), changed: false }];
    panel.steps.forEach((step, index) => {
      const before = all[index];
      const changed = step.file !== undefined;
      const blocked = new Set(before.blocked);
      if (step.blocked) blocked.add(step.task);
      else blocked.delete(step.task);
      const file = changed ? step.file : before.file;
      all.push({ file, held: step.held || [], blocked, changed });
    });
    const last = all[all.length - 1];
    if (panel.after !== null && all.length > 1) {
      last.changed = true;
      last.file = panel.after;
    }
    return all;
  };

  const holds = (state, task) => state.held.some((held) => held.by === task);

  // What a step says of the locks: who has one now that did not, and back.
  const lockMarks = (before, after, task) => {
    const has = (state, held) =>
      state.held.some((other) => other.lock === held.lock && other.by === held.by);
    const own = (state) => state.held.filter((held) => held.by === task);
    return own(after)
      .filter((held) => !has(before, held))
      .map((held) => `holds lock ${held.lock}`)
      .concat(
        own(before)
          .filter((held) => !has(after, held))
          .map((held) => `gives lock ${held.lock} back`),
      );
  };

  const cell = (panel, all, index, task) => {
    const step = panel.steps[index];
    const { born, ended } = panel.tasks[task];
    const alive = (born === null || index > born) && (ended === null || index <= ended);
    const kinds = ["cell"];
    if (alive) kinds.push(all[index + 1].blocked.has(task) ? "asleep" : "alive");
    if (holds(all[index + 1], task)) kinds.push("holds");
    const made = element("td", {});
    if (step.task === task) {
      kinds.push("acts");
      made.append(step.text);
      if (step.fault) made.append(element("span", { class: "tag fault" }, `injected: ${step.fault}`));
      for (const mark of step.marks || []) {
        made.append(element("span", { class: `tag ${mark.kind}` }, mark.text));
      }
    }
    for (const text of lockMarks(all[index], all[index + 1], task)) {
      made.append(element("span", { class: "tag lock" }, text));
    }
    made.className = kinds.join(" ");
    return made;
  };

  const table = (panel, all) => {
    const head = element("tr", {}, element("th", { scope: "col" }, "step"));
    for (const task of panel.tasks) head.append(element("th", { scope: "col" }, task.name));
    const body = element("tbody", {});
    panel.steps.forEach((step, index) => {
      const row = element("tr", {}, element("th", { scope: "row" }, String(index + 1)));
      panel.tasks.forEach((_, task) => row.append(cell(panel, all, index, task)));
      body.append(row);
    });
    return element("table", { class: "steps" }, element("thead", {}, head), body);
  };

  // FILE's content, what the step changed of it marked.
  const showFile = (place, heading, before, state) => {
    const file = state.file;
    heading.textContent = file === null ? "FILE" : `FILE: ${count(file.bytes, "byte")}`;
    place.replaceChildren();
    if (file === null) {
      place.append(element("i", {}, "no regular file"));
      return;
    }
    if (file.left_out > 0) place.append(element("i", {}, `(${file.left_out} bytes before)\n`));
    let same = file.text.length;
    if (state.changed) {
      const old = before && before.file ? before.file : { text: "", left_out: 0 };
      same = 0;
      if (old.left_out === file.left_out) {
        while (same < old.text.length && old.text[same] === file.text[same]) same += 1;
      }
    }
    place.append(file.text.slice(0, same));
    if (same < file.text.length) place.append(element("mark", {}, file.text.slice(same)));
    if (file.bytes === 0) place.append(element("i", {}, "empty"));
    // Steps add to the end.
    place.scrollTop = place.scrollHeight;
  };

  const lockWords = (panel, state) => {
    if (!panel.locks) return "not known: no process-shared mutex of the C library was seen held";
    if (state.held.length === 0) return "nobody holds one";
    return state.held.map((held) => `${panel.tasks[held.by].name} holds ${held.lock}`).join(", ");
  };

  const stepWords = (panel, at) => {
    if (at === 0) return "before the first step";
    const step = panel.steps[at - 1];
    const parts = [`${panel.tasks[step.task].name}: ${step.text}`];
    if (step.fault) parts.push(`injected: ${step.fault}`);
    for (const mark of step.marks || []) parts.push(mark.text);
    return parts.join("; ");
  };

  const stepper = (panel, title, id) => {
    const all = states(panel);
    const last = panel.steps.length;
    const rows = table(panel, all);
    const bodyRows = [...rows.tBodies[0].rows];
    const scroll = element(
      "div",
      { class: "scroll steps-scroll", tabindex: "0", role: "region", "aria-label": `steps, ${title}` },
      rows,
    );
    const slider = element("input", {
      type: "range", min: "0", max: String(last), value: "0", "aria-label": `step, ${title}`,
    });
    const button = (text, label, move) => {
      const made = element("button", { type: "button", "aria-label": `${label}, ${title}` }, text);
      made.addEventListener("click", move);
      return made;
    };
    const place = element("output", { class: "place" });
    const now = element("p", { class: "now", "aria-live": "polite" });
    const source = element("p", { class: "source" });
    const heading = element("h4", {});
    const file = element("pre", { class: "file", tabindex: "0", "aria-label": `FILE, ${title}` });
    const lock = element("p", { class: "locks" });
    let at = 0;

    const show = (wanted) => {
      at = Math.min(Math.max(wanted, 0), last);
      const state = all[at];
      slider.value = String(at);
      slider.setAttribute("aria-valuetext", at === 0 ? "before the first step" : `step ${at}`);
      place.textContent = `${at} of ${last}`;
      now.textContent = stepWords(panel, at);
      source.textContent = at > 0 && panel.steps[at - 1].source ? panel.steps[at - 1].source : "";
      showFile(file, heading, at > 0 ? all[at - 1] : null, state);
      lock.textContent = `Lock: ${lockWords(panel, state)}`;
      bodyRows.forEach((row, index) => {
        row.className = index + 1 < at ? "past" : index + 1 === at ? "current" : "to-come";
        if (index + 1 === at) row.setAttribute("aria-current", "step");
        else row.removeAttribute("aria-current");
      });
      // Within its own box: the page itself stays where it is.
      const row = bodyRows[at - 1];
      const headRoom = rows.tHead.offsetHeight;
      if (!row) scroll.scrollTop = 0;
      else if (row.offsetTop - headRoom < scroll.scrollTop) scroll.scrollTop = row.offsetTop - headRoom;
      else if (row.offsetTop + row.offsetHeight > scroll.scrollTop + scroll.clientHeight) {
        scroll.scrollTop = row.offsetTop + row.offsetHeight - scroll.clientHeight;
      }
    };

    slider.addEventListener("input", () => show(Number(slider.value)));
    bodyRows.forEach((row, index) => row.addEventListener("click", () => show(index + 1)));
    const controls = element(
      "div",
      { class: "controls", role: "group", "aria-label": `move, ${title}` },
      button("Previous", "previous step", () => show(at - 1)),
      slider,
      button("Next", "next step", () => show(at + 1)),
      place,
    );
    // Straight to what matters: faults, the pair that decides, the failure.
    const jumps = element("div", { class: "jumps", role: "group", "aria-label": `go to, ${title}` });
    panel.steps.forEach((step, index) => {
      const words = (step.marks || []).map((mark) => mark.text);
      if (step.fault) words.unshift(step.fault);
      if (words.length === 0) return;
      const text = `${index + 1}: ${words.join(", ")}`;
      jumps.append(button(text, `go to step ${text}`, () => show(index + 1)));
    });
    const ending = panel.ending.map((line) => element("li", {}, line));
    const made = element(
      "section",
      { class: "stepper", "aria-labelledby": id },
      element("h3", { id }, title),
      controls,
      jumps,
      now,
      source,
      lock,
      heading,
      file,
      scroll,
      ending.length > 0 ? element("ul", { class: "ending" }, ...ending) : null,
    );
    made.addEventListener("keydown", (event) => {
      if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
      const moves = {
        ArrowRight: at + 1, ArrowDown: at + 1, ArrowLeft: at - 1, ArrowUp: at - 1,
        Home: 0, End: last,
      };
      // On a slider up is more, as everywhere.
      if (event.target === slider) Object.assign(moves, { ArrowUp: at + 1, ArrowDown: at - 1 });
      if (!(event.key in moves)) return;
      event.preventDefault();
      show(moves[event.key]);
    });
    return { made, show };
  };

  const pictures = JSON.parse(document.getElementById("data").textContent);
  for (const place of document.querySelectorAll("[data-picture]")) {
    const picture = pictures[Number(place.dataset.picture)];
    const id = `picture-${place.dataset.picture}`;
    const panels = [stepper(picture.failing, "As it fails", `${id}-failing`)];
    if (picture.passing) {
      panels.push(stepper(picture.passing, "The nearest that passes", `${id}-passing`));
    }
    place.append(
      element(
        "p",
        { class: "help" },
        "Arrow keys step, Home and End go to the ends. A process that holds a lock has a thick " +
          "line, one that sleeps in the kernel a dotted one.",
      ),
    );
    if (!picture.passing) {
      place.append(element("p", {}, "No single change of this schedule was found that passes."));
    }
    place.append(element("div", { class: "pair" }, ...panels.map((panel) => panel.made)));
    for (const panel of panels) panel.show(0);
  }
})();
