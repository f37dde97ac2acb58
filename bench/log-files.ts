// Writes the logs of the benchmark: HttpProxy of one server, a file each hour and at 10 MB, with rows in the shares that a server with
// published numbers has: most are Exchange's own probes, an eighth are of users, few of a service. Their true counts are in a file
// beside them.
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";

export interface MadeLogs {
  readonly folder: string;
  readonly truth: { readonly logRows: number; readonly logRowsDropped: number };
}

/** To be increased when the written content changes, so that older files are made again. */
const version = 1;

const columns =
  "DateTime,RequestId,MajorVersion,MinorVersion,BuildVersion,RevisionVersion,ClientRequestId,Protocol,UrlHost,UrlStem,ProtocolAction,AuthenticationType,IsAuthenticated,AuthenticatedUser,Organization,AnchorMailbox,UserAgent,ClientIpAddress,ServerHostName,HttpStatus,BackEndStatus,ErrorCode,Method,ProxyAction,TargetServer,TargetServerVersion,RoutingType,RoutingHint,BackEndCookie,ServerLocatorHost,ServerLocatorLatency,RequestBytes,ResponseBytes,TargetOutstandingRequests,AuthModulePerfContext,HttpPipelineLatency,CalculateTargetBackEndLatency,GlsLatencyBreakup,TotalGlsLatency,AccountForestLatencyBreakup,TotalAccountForestLatency,ResourceForestLatencyBreakup,TotalResourceForestLatency,ADLatency,SharedCacheLatencyBreakup,TotalSharedCacheLatency,ActivityContextLifeTime,ModuleToHandlerSwitchingLatency,ClientReqStreamLatency,BackendReqInitLatency,BackendReqStreamLatency,BackendProcessingLatency,BackendRespInitLatency,BackendRespStreamLatency,ClientRespStreamLatency,KerberosAuthHeaderLatency,HandlerCompletionLatency,RequestHandlerLatency,HandlerToModuleSwitchingLatency,ProxyTime,CoreLatency,RoutingLatency,HttpProxyOverhead,TotalRequestTime,RouteRefresherLatency,UrlQuery,BackEndGenericInfo,GenericInfo,GenericErrors,EdgeTraceId,DatabaseGuid,UserADObjectGuid,PartitionEndpointLookupLatency,RoutingStatus";

/** Bytes after which Exchange begins a new file. */
const fileLimit = 10 * 1024 * 1024;
const protocols = ["Mapi", "Owa", "Ews", "Autodiscover"] as const;

interface Row {
  readonly protocol: (typeof protocols)[number];
  readonly path: string;
  /** AuthenticationType, IsAuthenticated and AuthenticatedUser. */
  readonly account: string;
  readonly agent: string;
  readonly client: string;
}

const outlook = "Microsoft Office/16.0 (Windows NT 10.0; Microsoft Outlook 16.0.17328; Pro)";

/** Of 100 rows of EWS and Autodiscover, how many are of a service. */
export type ServiceShare = 3 | 100;

/** The rows of a protocol by the last two digits of their number. */
function rowOf(protocol: Row["protocol"], number: number, services: ServiceShare): Row {
  const share = number % 100;
  const place = { protocol, path: pathOf(protocol), client: `10.0.${number % 250}.${number % 199}` };
  if ((protocol === "Ews" || protocol === "Autodiscover") && share < services)
    return { ...place, account: "Bearer,true,S2S~00000004-0000-0ff1-ce00-000000000000", agent: "SkypeSpaces/1a$*+" };
  if (protocol === "Mapi" && share < 14) {
    const account = share < 7 ? `NTLM,true,CONTOSO\\user${number % 300}` : `Bearer,true,S-1-5-21-1-2-3-${number % 300}`;
    return { ...place, account, agent: outlook };
  }
  return {
    ...place,
    account: `Negotiate,true,HealthMailbox${(number % 40).toString(16).padStart(7, "0")}@contoso.example`,
    agent: "AMProbe/Local/ClientAccess",
    client: "127.0.0.1",
  };
}

function pathOf(protocol: Row["protocol"]): string {
  const paths = {
    Mapi: "/mapi/emsmdb/",
    Owa: "/owa/service.svc",
    Ews: "/EWS/Exchange.asmx",
    Autodiscover: "/autodiscover/autodiscover.svc",
  };
  return paths[protocol];
}

const guid = (number: number): string => `${number.toString(16).padStart(8, "0")}-1c2b-4d5e-8f90-abcdefabcdef`;

function lineOf({ protocol, path, account, agent, client }: Row, number: number, at: number): string {
  const time = new Date(at).toISOString();
  const steps = `BeginRequest=${time};CorrelationID=<empty>;ProxyState-Run=None;FEAuth=BEVersion-1942000000;BeginGetResponse=${time};OnResponseReady=${time};EndGetResponse=${time};ProxyState-Complete=ProxyResponseData;SharedCacheGuard=0;EndRequest=${time};S:ServiceCommonMetadata.RequestSize=1234;I32:ADS.C[DC01]=1;F:ADS.AL[DC01]=1.5;`;
  return `${time},${guid(number)},15,2,1544,4,{${guid(number * 7)}},${protocol},mail.contoso.example,${path},,${account},contoso.example,MailboxGuid~${guid(number % 300)},${agent},${client},EX01,200,200,,POST,Proxy,ex01.contoso.example,15.02.1544.000,IntraForest,MailboxGuidWithDomain,Database~${guid(5)}~~2026-12-30T08:00:00,,,1234,2345,1,,0,1,,0,,0,,0,0,,0,12,0,0,0,0,9,0,0,0,0,0,11,0,10,1,2,2,12,,?mailboxId=${guid(number % 300)}@contoso.example,,${steps},,,${guid(5)},${guid(number % 300)},,\r\n`;
}

/** Logs of this size in all, in a folder for each protocol; they are made if they do not exist. */
export function madeLogs(parent: string, megabytes: number, services: ServiceShare = 3): MadeLogs {
  const folder = join(parent, `logs-v${version}-${megabytes}mb${services === 3 ? "" : "-services"}`);
  const truthPath = `${folder}.truth.json`;
  if (existsSync(truthPath)) return { folder, truth: JSON.parse(readFileSync(truthPath, "utf8")) };
  const truth = { logRows: 0, logRowsDropped: 0 };
  // Three of five rows are of Outlook and of probes of its protocol.
  const usual = { Mapi: 0.6, Owa: 0.2, Ews: 0.15, Autodiscover: 0.05 };
  const shares = services === 3 ? usual : { Mapi: 0, Owa: 0, Ews: 1, Autodiscover: 0 };
  for (const protocol of protocols) {
    const bytes = megabytes * 1e6 * shares[protocol];
    const kept = writeProtocol(join(folder, protocol), { protocol, bytes, services });
    truth.logRows += kept.service;
    truth.logRowsDropped += kept.others;
  }
  writeFileSync(truthPath, `${JSON.stringify(truth)}\n`);
  return { folder, truth };
}

function writeProtocol(
  folder: string,
  { protocol, bytes, services }: { protocol: Row["protocol"]; bytes: number; services: ServiceShare },
): { readonly service: number; readonly others: number } {
  mkdirSync(folder, { recursive: true });
  const counts = { service: 0, others: 0 };
  let number = 0;
  let at = Date.parse("2026-11-30T08:00:00Z");
  let hour = "";
  for (let done = 0, part = 1; done < bytes; ) {
    const now = new Date(at).toISOString().slice(0, 13).replaceAll(/\D/g, "");
    part = now === hour ? part + 1 : 1;
    hour = now;
    const descriptor = openSync(join(folder, `HttpProxy_${hour}-${part}.LOG`), "w");
    let size = writeSync(
      descriptor,
      `\ufeff${columns}\r\n#Software: Microsoft Exchange Server\r\n#Version: 15.02.1544.004\r\n#Log-type: HttpProxy Logs\r\n#Date: ${new Date(at).toISOString()}\r\n#Fields: ${columns}\r\n`,
    );
    while (
      size < fileLimit &&
      done + size < bytes &&
      new Date(at).toISOString().slice(0, 13).replaceAll(/\D/g, "") === hour
    ) {
      let text = "";
      for (let row = 0; row < 500; row++) {
        number += 1;
        at += 50;
        const made = rowOf(protocol, number, services);
        if (made.account.includes("S2S~")) counts.service += 1;
        else counts.others += 1;
        text += lineOf(made, number, at);
      }
      size += writeSync(descriptor, text);
    }
    closeSync(descriptor);
    done += size;
  }
  return counts;
}
