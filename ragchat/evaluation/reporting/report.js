const buttons = [...document.querySelectorAll("nav button")];
const rows = [...document.querySelectorAll("article")];
const search = document.getElementById("search");
const nothing = document.getElementById("nothing");
const asked = rows.map((row) => row.querySelector(".asked").textContent.toLowerCase());
let wanted = "";

function filter() {
  const words = search.value.trim().toLowerCase();
  let visible = 0;
  rows.forEach((row, index) => {
    row.hidden = (wanted !== "" && row.dataset.verdict !== wanted) || !asked[index].includes(words);
    visible += row.hidden ? 0 : 1;
  });
  nothing.hidden = visible > 0;
}

buttons.forEach((button) => {
  button.addEventListener("click", () => {
    wanted = button.dataset.verdict;
    buttons.forEach((other) => other.setAttribute("aria-pressed", String(other === button)));
    filter();
  });
});
search.addEventListener("input", filter);
