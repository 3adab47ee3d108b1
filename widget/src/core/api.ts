// The service over HTTP: where it is, what is shown to be let in, and its failures as one kind of error.
//
// On somebody else's page a short-lived token stands for the visitor: the page holds a public site id and no secret.
// The token is asked for when it is first needed and again shortly before it is over. No cookie is sent or needed.

export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly hint = "",
    readonly retryAfter = 0,
  ) {
    super(message);
  }
}

export interface Access {
  /** Public id of the site that embeds the widget; empty on the service's own pages. */
  readonly site: string;
  /** A key that was typed into the service's own page. */
  key(): string;
  /** The visitor's session as it was issued, so that a reload finds its conversations again. */
  session: { read(): string; write(id: string): void };
}

interface Pass {
  readonly token: string;
  readonly until: number;
}

const EARLY = 30_000; // milliseconds before its end that a token is renewed

export class Api {
  private pass: Promise<Pass> | null = null;

  constructor(
    readonly base: string,
    private readonly access: Access,
  ) {}

  /** Whether requests carry a key or a token, which a plain link would not. */
  get guarded(): boolean {
    return this.access.key() !== "" || this.access.site !== "";
  }

  /** What is shown with a request that does not go through `request`; empty where nothing is. */
  get shown(): string {
    return this.access.key();
  }

  address(path: string): string {
    return this.base + path;
  }

  /** A response that is good; Problem for every other, TypeError when the service cannot be reached. */
  async request(path: string, options: RequestInit = {}): Promise<Response> {
    let response = await this.send(path, options);
    if (response.status === 401 && this.access.site && !this.access.key()) {
      this.pass = null;
      response = await this.send(path, options);
    }
    if (!response.ok) throw await problemOf(response);
    return response;
  }

  async json<T>(path: string, options: RequestInit = {}): Promise<T> {
    return (await (await this.request(path, options)).json()) as T;
  }

  /** `key`: the request may be sent again under it, and is carried out once. */
  post(path: string, body: unknown, signal?: AbortSignal, key = ""): Promise<Response> {
    const headers = { "Content-Type": "application/json", ...(key && { "Idempotency-Key": key }) };
    return this.request(path, { method: "POST", headers, body: JSON.stringify(body), ...(signal && { signal }) });
  }

  private async send(path: string, options: RequestInit): Promise<Response> {
    const headers = new Headers(options.headers);
    const shown = this.access.key() || (this.access.site ? (await this.current()).token : "");
    if (shown) headers.set("Authorization", `Bearer ${shown}`);
    return fetch(this.address(path), { ...options, headers, credentials: "omit", referrerPolicy: "no-referrer" });
  }

  private async current(): Promise<Pass> {
    const known = this.pass && (await this.pass.catch(() => null));
    if (known && known.until > Date.now()) return known;
    this.pass = this.issue();
    return this.pass;
  }

  private async issue(): Promise<Pass> {
    const { site, session } = this.access;
    const response = await fetch(this.address("/v1/widget/session"), {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ site, session: session.read() || null }),
      credentials: "omit",
      referrerPolicy: "no-referrer",
    });
    if (!response.ok) throw await problemOf(response);
    const issued = (await response.json()) as { token: string; session: string; expires_in: number };
    session.write(issued.session);
    return { token: issued.token, until: Date.now() + issued.expires_in * 1000 - EARLY };
  }
}

async function problemOf(response: Response): Promise<Problem> {
  const body = (await response.json().catch(() => ({}))) as { code?: string; detail?: string; hint?: string };
  const wait = Number(response.headers.get("Retry-After")) || 0;
  return new Problem(response.status, body.code ?? `http_${response.status}`, body.detail ?? "", body.hint ?? "", wait);
}
