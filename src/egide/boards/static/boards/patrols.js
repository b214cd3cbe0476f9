// A patrol on duty is picked instead of typed: its call sign and telephone go into the form, and nothing is sent yet.
document.addEventListener("click", ({ target }) => {
  const button = target.closest("[data-call-sign]");
  if (!button) return;
  const { call_sign: sign, telephone } = button.closest("form").elements;
  sign.value = button.dataset.callSign;
  telephone.value = button.dataset.telephone;
  button.closest("form").querySelector("button.primary").focus();
});
