// What a page with useChat does, by the same code of the package: sends the messages, puts the stream together.
// Arguments: the address, the chat's id, what was said (JSON). Prints the finished message and every error.
import { DefaultChatTransport, readUIMessageStream } from "ai";

const [api, chatId, said] = process.argv.slice(2);
const messages = JSON.parse(said).map((text, n) => ({ id: `u${n}`, role: "user", parts: [{ type: "text", text }] }));
const errors = [];
let message = null;
try {
  const transport = new DefaultChatTransport({ api, body: { preferences: { style: "brief" } } });
  const stream = await transport.sendMessages({ chatId, messages, trigger: "submit-message", messageId: undefined, abortSignal: undefined });
  for await (const part of readUIMessageStream({ stream, onError: (error) => errors.push(String(error)) })) message = part;
} catch (error) {
  errors.push(String(error));
}
console.log(JSON.stringify({ message, errors }));
