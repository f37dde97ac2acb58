// Reads objects of Exchange and their properties, whichever way the shell returned them: live objects or deserialised ones.
import type { WireObject, WireValue } from "../model/exchange-shell.ts";
import type { Ports } from "../model/step.ts";
import { Stop } from "../model/stop.ts";
import { meaningOf, reasonOf } from "./exchange-errors.ts";

/** Reads the objects that a Get- cmdlet finds; none when it reports that the object does not exist. Throws Stop for every other failure. */
export async function readObjects(
  ports: Ports,
  cmdlet: string,
  parameters: WireObject,
): Promise<readonly WireObject[]> {
  const answer = await shellOf(ports).call(cmdlet, parameters);
  if (answer.ok) return answer.objects;
  if (!answer.effectUnknown && meaningOf(answer.error) === "absent") return [];
  throw new Stop(reasonOf(cmdlet, answer.error, ports.settings.domainController));
}

/** The shell of the run. Throws Stop when the Exchange half is left out. */
export function shellOf(ports: Ports): NonNullable<Ports["exchange"]> {
  if (ports.exchange !== null) return ports.exchange;
  throw new Stop({
    code: "side-left-out",
    message: "The Exchange half is left out of this run.",
    hint: "Run without --only cloud where Exchange can be reached.",
  });
}

/** Adds the run's domain controller: a new object is not yet on the others. */
export function onDomainController(ports: Ports, parameters: WireObject): WireObject {
  const { domainController } = ports.settings;
  return domainController === "" ? parameters : { ...parameters, DomainController: domainController };
}

/** A property as text, empty when missing: deserialised objects have strings where live ones have numbers and booleans. */
export function textProperty(object: WireObject | undefined, name: string): string {
  const value = object?.[name];
  return value === undefined || value === null || typeof value === "object" ? "" : String(value);
}

/** A property as a boolean: "False" is a non-empty string, so the text is compared. */
export function isTrue(object: WireObject | undefined, name: string): boolean {
  return textProperty(object, name).toLowerCase() === "true";
}

/** A property that may hold one value or several, as a list of strings. */
export function listProperty(object: WireObject | undefined, name: string): readonly string[] {
  const value: WireValue | undefined = object?.[name];
  if (value === undefined || value === null || value === "") return [];
  if (isList(value)) return value.filter((each): each is string => typeof each === "string");
  return [String(value)];
}

function isList(value: WireValue): value is readonly WireValue[] {
  return Array.isArray(value);
}

/** True for an object: neither null nor a list. */
export function isWireObject(value: WireValue | undefined): value is WireObject {
  return typeof value === "object" && value !== null && !isList(value);
}

/** Compares names and ids as Exchange does: ignoring case. */
export function isSameText(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}
