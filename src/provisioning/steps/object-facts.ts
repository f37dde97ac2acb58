// The facts of each kind of object: what a plan's digest, a receipt and an undo compare. A fact that changes by itself, such as the
// addresses that a policy adds, is not among them.
import { isTrue, textProperty } from "../exchange/read-objects.ts";
import type { Facts } from "../model/change.ts";
import type { WireObject } from "../model/exchange-shell.ts";

export function accountFacts(object: WireObject) {
  return {
    Guid: textProperty(object, "Guid"),
    Name: textProperty(object, "Name"),
    Alias: textProperty(object, "Alias"),
    Identity: textProperty(object, "Identity"),
    DistinguishedName: textProperty(object, "DistinguishedName"),
    ExternalEmailAddress: withoutPrefix(textProperty(object, "ExternalEmailAddress")).toLowerCase(),
    UserPrincipalName: textProperty(object, "UserPrincipalName"),
    RecipientTypeDetails: textProperty(object, "RecipientTypeDetails"),
    WhenCreatedUTC: textProperty(object, "WhenCreatedUTC"),
  };
}

/** Removes the prefix of Exchange's `SMTP:name@domain`. */
export function withoutPrefix(address: string): string {
  return address.replace(/^smtp:/i, "");
}

export function partnerFacts(object: WireObject) {
  return {
    Guid: textProperty(object, "Guid") || textProperty(object, "Identity"),
    Name: textProperty(object, "Name"),
    ApplicationIdentifier: textProperty(object, "ApplicationIdentifier"),
    Enabled: isTrue(object, "Enabled"),
    LinkedAccount: textProperty(object, "LinkedAccount"),
    Realm: textProperty(object, "Realm"),
    AcceptSecurityIdentifierInformation: isTrue(object, "AcceptSecurityIdentifierInformation"),
  };
}

export function assignmentFacts(object: WireObject): Facts {
  return {
    Guid: textProperty(object, "Guid") || textProperty(object, "Identity"),
    Name: textProperty(object, "Name"),
    Role: textProperty(object, "Role"),
    Enabled: isTrue(object, "Enabled"),
    RecipientReadScope: textProperty(object, "RecipientReadScope"),
    ConfigReadScope: textProperty(object, "ConfigReadScope"),
    RecipientWriteScope: textProperty(object, "RecipientWriteScope"),
    ConfigWriteScope: textProperty(object, "ConfigWriteScope"),
    CustomRecipientWriteScope: textProperty(object, "CustomRecipientWriteScope"),
    CustomConfigWriteScope: textProperty(object, "CustomConfigWriteScope"),
  };
}

export function roleFacts(object: WireObject) {
  return {
    Guid: textProperty(object, "Guid"),
    Name: textProperty(object, "Name"),
    // Exchange gives the parent as a name or as a path that ends in it.
    Parent: textProperty(object, "Parent").split("\\").at(-1) ?? "",
  };
}
