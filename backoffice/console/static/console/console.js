// The keyboard and a few things pages do by themselves. No inline scripts anywhere: the content policy forbids them.
(() => {
  "use strict";
  const typing = (target) => target.closest("input, select, textarea, [contenteditable]") !== null;
  const page = () => document.querySelector("[data-keys]");
  const rows = () => [...document.querySelectorAll("#result_list tr.data-row")];
  let at = -1;

  const mark = (index) => {
    const all = rows();
    if (!all.length) return;
    at = Math.max(0, Math.min(index, all.length - 1));
    all.forEach((row, i) => row.classList.toggle("bo-current", i === at));
    all[at].scrollIntoView({ block: "nearest" });
    const link = all[at].querySelector("a.bo-link");
    if (link) link.focus({ preventScroll: true });
  };
  const go = (address) => { if (address) window.location.assign(address); };
  const step = (by) => {
    const here = page();
    if (here && here.dataset.keys === "voucher") go(by > 0 ? here.dataset.next : here.dataset.previous);
    else mark(at + by);
  };
  const acts = {
    j: () => step(1),
    k: () => step(-1),
    o: () => { const row = rows()[at]; const link = row && row.querySelector("a.bo-link"); if (link) go(link.href); },
    a: () => { const form = document.querySelector('form[data-key-form="a"]'); if (form) form.requestSubmit(); },
    w: () => {
      const all = [...document.querySelectorAll("details.bo-why")];
      const open = all.some((one) => !one.open);
      all.forEach((one) => { one.open = open; });
    },
    "/": () => { const field = document.querySelector("#searchbar"); if (field) field.focus(); },
    "?": () => { const help = document.querySelector("#keys-help"); if (help && !help.open) help.showModal(); },
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || typing(event.target)) return;
    if (document.querySelector("dialog[open]")) return;
    const act = acts[event.key];
    if (act) { event.preventDefault(); act(); }
  });
  document.addEventListener("change", (event) => {
    const preview = event.target.closest("form[data-preview]")?.querySelector("[data-preview-button]");
    if (preview) preview.form.requestSubmit(preview);
    if (event.target.matches("[data-submit-on-change]")) event.target.form.requestSubmit();
  });
  document.addEventListener("click", (event) => {
    const fill = event.target.closest("[data-fill-account]");
    if (fill) {
      const form = fill.closest("form");
      form.querySelector('[name="ledger_account"]').value = fill.dataset.fillAccount;
      const vat = form.querySelector('[name="vat_code"]');
      if (vat && fill.dataset.fillVat) vat.value = fill.dataset.fillVat;
      return;
    }
    document.querySelectorAll("details.bo-act[open]").forEach((one) => {
      if (!one.contains(event.target)) one.open = false;
    });
  });
  // A part that changes by itself is fetched again; when its state has changed, the whole page is.
  const renew = async () => {
    const part = document.querySelector("[data-live]");
    if (!part) return;
    try {
      const answer = await fetch(window.location.href);
      const text = answer.ok && !answer.redirected ? await answer.text() : "";
      const fresh = new DOMParser().parseFromString(text, "text/html").getElementById(part.id);
      if (answer.redirected || (fresh && fresh.dataset.state !== part.dataset.state)) { window.location.reload(); return; }
      if (fresh) part.replaceWith(document.adoptNode(fresh));
    } catch { /* the server is away for a moment: asked again */ }
    wait();
  };
  const wait = () => {
    const part = document.querySelector("[data-live]");
    if (part) setTimeout(renew, Number(part.dataset.live));
  };
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", wait); else wait();
  // The theme's own script looks for a field beside a file that our forms do not have.
  document.addEventListener("change", (event) => {
    if (event.target.matches(".bo input[type=file]")) event.stopPropagation();
  }, true);
  // A large file shows how much of it has been sent.
  const upload = (form) => {
    const sending = new XMLHttpRequest();
    const shown = form.querySelector("[data-upload-progress]");
    sending.open("POST", form.action || window.location.href);
    sending.upload.addEventListener("progress", (event) => {
      if (!event.lengthComputable) return;
      const percent = Math.floor(100 * event.loaded / event.total);
      shown.hidden = false;
      shown.querySelector("progress").value = percent;
      shown.querySelector("[data-upload-percent]").textContent = `${percent} %`;
    });
    const failed = () => {
      delete form.dataset.sent;
      shown.hidden = false;
      shown.querySelector("[data-upload-percent]").textContent = `${shown.dataset.failed} ${sending.status || ""}`;
    };
    sending.addEventListener("load", () => {
      const to = sending.getResponseHeader("X-Go-To");
      if (to) { go(to); return; }
      const fresh = new DOMParser().parseFromString(sending.responseText, "text/html").querySelector("form[data-upload]");
      if (fresh) form.replaceWith(document.adoptNode(fresh)); else failed();
    });
    sending.addEventListener("error", failed);
    sending.setRequestHeader("X-Requested-With", "XMLHttpRequest");
    sending.send(new FormData(form));
  };
  // A form is sent once, however often its button is pressed.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method !== "post" || event.defaultPrevented || event.submitter?.formTarget) return;
    if (form.dataset.sent) { event.preventDefault(); return; }
    form.dataset.sent = "1";
    if (form.matches("[data-upload]")) { event.preventDefault(); upload(form); return; }
    setTimeout(() => { delete form.dataset.sent; }, 4000);
  });
})();
