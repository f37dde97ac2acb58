import { generateKeyPair, generateKeyPairSync, type KeyObject } from "node:crypto";
import { isIP } from "node:net";
import { createSecureContext, type SecureContext } from "node:tls";
import { promisify } from "node:util";
import { boundedMap } from "../../core/bounded-map.ts";
import { buildLeaf, forgePublicKey, type Issuer } from "./certificate-builder.ts";

const hourMs = 3_600_000;
const lifeMs = 7 * 24 * hourMs;
/** Bounded because clients choose the names; each leaf costs some 60 KB in OpenSSL. */
const cacheLimit = 250;
const keyOptions = { modulusLength: 2048 };
const makeKeyPair = promisify(generateKeyPair);

type ForgePublicKey = ReturnType<typeof forgePublicKey>;

interface SharedKey {
  readonly pem: string | Buffer;
  readonly publicKey: ForgePublicKey;
}

/** Server certificates, one a host, all with one key that is kept in memory only. */
export class LeafCertificates {
  readonly #issuer: Issuer;
  readonly #issuerNotAfter: number;
  readonly #cache = boundedMap<string, { readonly context: SecureContext; readonly renewAt: number }>(cacheLimit);
  #key: SharedKey | null = null;

  constructor(issuer: Issuer, issuerNotAfter: number) {
    this.#issuer = issuer;
    this.#issuerNotAfter = issuerNotAfter;
  }

  /** Generates the shared key in another thread, so that the first connection need not wait for it. */
  async prepare(): Promise<void> {
    if (this.#key !== null) return;
    const { privateKey } = await makeKeyPair("rsa", keyOptions);
    this.#key ??= share(privateKey);
  }

  contextFor(host: string, now: number): SecureContext {
    const cached = this.#cache.get(host);
    if (cached !== undefined && now < cached.renewAt) return cached.context;
    this.#key ??= share(generateKeyPairSync("rsa", keyOptions).privateKey);
    // Clients refuse a certificate that is not valid yet by their own clocks.
    const [notBefore, notAfter] = [now - hourMs, Math.min(now + lifeMs, this.#issuerNotAfter)];
    // OpenSSL checks a common name that looks like a DNS name against the constraints, which may exclude all DNS names.
    const commonName = isIP(host) === 0 ? host : `address ${host}`;
    const cert = buildLeaf({ commonName, host, notBefore, notAfter }, this.#issuer, this.#key.publicKey);
    const context = createSecureContext({ key: this.#key.pem, cert });
    this.#cache.set(host, { context, renewAt: now + (notAfter - now) / 2 });
    return context;
  }
}

function share(key: KeyObject): SharedKey {
  return { pem: key.export({ type: "pkcs8", format: "pem" }), publicKey: forgePublicKey(key) };
}
