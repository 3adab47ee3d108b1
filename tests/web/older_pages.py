"""The shortest pages that tutorials show, as they are pasted into a site: one for EventSource, one for WebSocket."""

EVENT_SOURCE = """<!doctype html><p id="answer"></p><p id="tokens"></p><script>
const answer = document.getElementById("answer");
const source = new EventSource("/chat/stream?session_id=s1&message=" + encodeURIComponent("How do I reset it?"));
source.onmessage = (event) => {
  const data = JSON.parse(event.data);
  if (data.token) answer.textContent += data.token;
  if (data.done) { source.close(); document.getElementById("tokens").textContent = data.response.length; }
};
</script>"""

WEB_SOCKET = """<!doctype html><ul id="log"></ul><input id="text"><button id="send">Send</button>
<button id="clear">Clear</button><script>
const log = document.getElementById("log");
const line = (role, text) => {
  const item = document.createElement("li");
  item.textContent = role + ": " + text;
  log.append(item);
  return item;
};
const socket = new WebSocket(location.origin.replace("http", "ws") + "/ws/chat/s1");
let open = null;
socket.onmessage = (event) => {
  const data = JSON.parse(event.data);
  if (data.type === "history") for (const one of data.messages) line(one.role, one.content);
  if (data.type === "history") log.className = "ready";
  if (data.type === "question") { line("user", data.message); open = line("assistant", ""); }
  if (data.type === "token") open.textContent += data.token;
  if (data.type === "cleared") log.replaceChildren();
};
const say = (frame) => socket.send(JSON.stringify(frame));
const text = document.getElementById("text");
document.getElementById("send").onclick = () => say({ type: "message", message: text.value });
document.getElementById("clear").onclick = () => say({ type: "clear_history" });
</script>"""
