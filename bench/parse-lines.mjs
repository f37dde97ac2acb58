// The minimum work of any reader of the same bytes, for comparison: splits lines and parses each as JSON, keeping nothing.
import { createReadStream } from "node:fs";

let rest = Buffer.alloc(0);
for await (const chunk of createReadStream(process.argv[2], { highWaterMark: 1024 * 1024 })) {
  const bytes = Buffer.concat([rest, chunk]);
  let from = 0;
  for (let end = bytes.indexOf(10); end !== -1; end = bytes.indexOf(10, from)) {
    JSON.parse(bytes.toString("utf8", from, end));
    from = end + 1;
  }
  rest = Buffer.from(bytes.subarray(from));
}
