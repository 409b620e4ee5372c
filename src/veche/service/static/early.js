// Runs before a page is read: keeps the keys pressed until keys.js is there, which takes them up.

window.early = [];
addEventListener("keydown", (event) => window.early?.push(event));
