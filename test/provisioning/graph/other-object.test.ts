// An answer of Graph with another object than the one asked for is never judged, and never written from.
import { expect, test } from "vitest";
import { createGraph } from "../../../src/provisioning/graph/graph.ts";
import { createGraphClient } from "../../../src/provisioning/graph/graph-client.ts";
import { readCertificate } from "../../../src/provisioning/model/certificate.ts";
import { appIds, startProvisioningLab } from "../../support/provisioning-lab.ts";

test.each(["read", "readApplication"] as const)(
  "%s of one id that is answered with another stops",
  async (operation) => {
    const lab = await startProvisioningLab();
    const client = createGraphClient({
      origin: lab.cloud.graphUrl,
      tokens: { token: () => lab.cloud.token(), actor: () => "" },
      // A cache that answers every request with the first principal.
      fetch: (url, init) =>
        fetch(
          init.method === "GET"
            ? url.replace(/\w+\(appId='[^']*'\)/, `servicePrincipals(appId='${appIds.voicemail}')`)
            : url,
          init,
        ),
      now: Date.now,
      wait: () => Promise.resolve(),
      random: () => 0,
      hide: (text) => text,
    });
    const graph = createGraph({ client, actor: () => "", now: Date.now, wait: () => Promise.resolve() });
    await expect(graph[operation](appIds.skype)).rejects.toMatchObject({ reason: { code: "graph-error" } });
    const { thumbprint, der, notBefore, notAfter } = readCertificate(lab.certificate, "test");
    const keys = [{ thumbprint, der, notBefore, notAfter, displayName: "ours" }];
    const write = graph.write({ via: "graph", operation: "add-keys", appId: appIds.skype, keys, arrayDigest: null });
    await expect(write).rejects.toMatchObject({ reason: { code: "graph-error" } });
    expect(lab.cloud.requests.filter(({ method }) => method !== "GET")).toEqual([]);
  },
);
