// DistinguishedFolderIdNameType of the EWS schema ([MS-OXWSFOLD] 2.2.5.1 names the type).
const folders: ReadonlySet<string> = new Set(
  `adminauditlogs archivedeleteditems archiveinbox archivemsgfolderroot archiverecoverableitemsdeletions
archiverecoverableitemsdiscoveryholds archiverecoverableitemspurges archiverecoverableitemsroot
archiverecoverableitemsversions archiveroot calendar conflicts contacts conversationhistory deleteditems directory drafts
favorites imcontactlist inbox journal junkemail localfailures mecontact msgfolderroot mycontacts notes outbox peopleconnect
publicfoldersroot quickcontacts recipientcache recoverableitemsdeletions recoverableitemsdiscoveryholds
recoverableitemspurges recoverableitemsroot recoverableitemssubstrateholds recoverableitemsversions root searchfolders
sentitems serverfailures syncissues tasks teamchat todosearch voicemail`.split(/\s/),
);

/** A distinguished folder id in lower case when it is one of the schema's, else null: captured text never passes. */
export function knownFolder(id: string): string | null {
  const name = id.length <= 64 ? id.toLowerCase() : "";
  return folders.has(name) ? name : null;
}
