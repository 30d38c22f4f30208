// Every page loads this module; it imports the others.

import { greeting } from "./greeting.js";
import { showUptime } from "./uptime.js";

const clock = document.querySelector("#uptime");
if (clock) showUptime(clock);

const form = document.querySelector("#postcard");
if (form) form.addEventListener("submit", showCard);

function showCard(event) {
  event.preventDefault();
  const words = new FormData(form);
  write("#card-greeting", greeting(words.get("name"), new Date().getHours()));
  write("#card-message", words.get("message") || "The lantern is still lit.");
  write("#card-from", words.has("wave") ? "From Lantern Hill, waving" : "From Lantern Hill");
  document.querySelector("#card-stamp").src = `images/${words.get("stamp").toLowerCase()}.svg`;
  document.querySelector("#card").showModal();
}

function write(selector, text) {
  document.querySelector(selector).textContent = text;
}
