// What is remembered in the browser: the open conversation, the visitor's session, the theme. Where storage is refused
// (a private window, a sandboxed frame) it is remembered until the page is left.

const fallback = new Map<string, string>();

export interface Slot {
  read(): string;
  write(value: string): void;
}

/** `session`: forgotten with the tab, for what should not outlive it. */
export function slot(name: string, session = false): Slot {
  const key = `ragchat.${name}`;
  const storage = () => (session ? sessionStorage : localStorage);
  return {
    read() {
      try {
        return storage().getItem(key) ?? "";
      } catch {
        return fallback.get(key) ?? "";
      }
    },
    write(value) {
      try {
        if (value) storage().setItem(key, value);
        else storage().removeItem(key);
      } catch {
        fallback.set(key, value);
      }
    },
  };
}
