// Reads the object of an identity and compares the answer with it. For an identity that is empty on the way several Get-
// cmdlets return every object, and the first of those would pass for the wanted one.
import { isSameText, listProperty, onDomainController, readObjects, textProperty } from "../exchange/read-objects.ts";
import type { WireObject } from "../model/exchange-shell.ts";
import type { Ports } from "../model/step.ts";
import { Stop } from "../model/stop.ts";

/** The properties by which Exchange's -Identity finds an object. */
const identities = [
  "Guid",
  "Name",
  "Identity",
  "DistinguishedName",
  "Alias",
  "SamAccountName",
  "UserPrincipalName",
  "PrimarySmtpAddress",
  "ExternalEmailAddress",
  "EmailAddresses",
] as const;

/** Reads the objects that a Get- cmdlet finds for an identity. Throws Stop when the answer holds any other object. */
export async function readNamed(ports: Ports, cmdlet: string, identity: string): Promise<readonly WireObject[]> {
  if (identity.trim() === "") throw new Stop(otherAnswer(cmdlet, "an empty identity", []));
  const found = await readObjects(ports, cmdlet, onDomainController(ports, { Identity: identity }));
  const others = found.filter((object) => !answersTo(object, identity));
  if (others.length > 0) throw new Stop(otherAnswer(cmdlet, identity, others));
  return found;
}

/** As `readNamed`, for an identity that names one object at most. Throws Stop when the answer holds several. */
export async function readOne(ports: Ports, cmdlet: string, identity: string): Promise<WireObject | undefined> {
  const [only, ...others] = await readNamed(ports, cmdlet, identity);
  if (only !== undefined && others.length > 0) throw new Stop(otherAnswer(cmdlet, identity, [only, ...others]));
  return only;
}

/** True when a property of the object is the identity: its name, an address with or without `smtp:`, or a path that ends alike. */
export function answersTo(object: WireObject, identity: string): boolean {
  const wanted = [identity, endOf(identity)];
  return identities.some((name) =>
    listProperty(object, name).some((value) => {
      const plain = value.replace(/^smtp:/i, "");
      return wanted.some((one) => isSameText(plain, one) || isSameText(endOf(plain), one));
    }),
  );
}

/** The last part of `contoso.local/Users/Name` or `DOMAIN\\Name`. */
function endOf(path: string): string {
  return path.split(/[\\/]/).at(-1) ?? "";
}

/** The reason for an answer with objects that were not asked for. */
export function otherAnswer(cmdlet: string, wanted: string, objects: readonly WireObject[]) {
  const names = objects
    .slice(0, 3)
    .map((object) => textProperty(object, "Name") || textProperty(object, "Identity") || "an object without a name");
  const what =
    objects.length === 0
      ? "was not sent"
      : `was answered with ${objects.length} objects: ${names.join(", ")}${objects.length > 3 ? ", …" : ""}`;
  return {
    code: "exchange-error",
    message: `${cmdlet} for ${wanted} ${what}. That is not what was asked for, so nothing is concluded from it.`,
    hint: "Run the cmdlet by hand in the Exchange Management Shell and compare; report the answer if it is the same there.",
  } as const;
}
