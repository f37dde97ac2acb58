// All rules about one transaction. A new rule is added here; one that applies to a token alone also in `judge-value.ts`.

import { judgeAlgorithm } from "./judge-algorithm.ts";
import { judgeAnswer, judgeDiscovery } from "./judge-answer.ts";
import { judgeAudience } from "./judge-audience.ts";
import { judgeBearerValue } from "./judge-bearer-value.ts";
import { judgeChallenge } from "./judge-challenge.ts";
import { judgeClock } from "./judge-clock.ts";
import { judgeDevice } from "./judge-device.ts";
import { judgeDiagnostics, judgeReported } from "./judge-diagnostics.ts";
import { judgeFederation } from "./judge-federation.ts";
import { judgeGraph } from "./judge-graph.ts";
import { judgeHybridApp } from "./judge-hybrid-app.ts";
import { judgeIssuer, judgeTrustedIssuer } from "./judge-issuer.ts";
import { judgeLayers } from "./judge-layers.ts";
import { judgeMetadata } from "./judge-metadata.ts";
import { judgePassword } from "./judge-password.ts";
import { judgeRealm } from "./judge-realm.ts";
import { judgeBuild, judgeServers } from "./judge-servers.ts";
import { judgeSharedPrincipal } from "./judge-shared-principal.ts";
import { judgeSts } from "./judge-sts.ts";
import { judgeTenantBoundary } from "./judge-tenant-boundary.ts";
import { judgeValidity } from "./judge-validity.ts";
import { judgeWindowsAuth } from "./judge-windows-auth.ts";
import type { Rule } from "./rule.ts";

/** In the order in which their findings are reported. */
export const allRules: readonly Rule[] = [
  judgePassword,
  judgeTenantBoundary,
  judgeDiagnostics,
  judgeReported,
  judgeSts,
  judgeLayers,
  judgeAlgorithm,
  judgeMetadata,
  judgeValidity,
  judgeAudience,
  judgeIssuer,
  judgeTrustedIssuer,
  judgeRealm,
  judgeClock,
  judgeServers,
  judgeChallenge,
  judgeDevice,
  judgeAnswer,
  judgeGraph,
  judgeDiscovery,
  judgeWindowsAuth,
  judgeFederation,
  judgeBearerValue,
  judgeSharedPrincipal,
  judgeHybridApp,
  judgeBuild,
];
