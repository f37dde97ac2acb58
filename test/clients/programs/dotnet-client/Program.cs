// dotnet dotnet-client.dll KIND PROXY [METHOD URL BYTES]...: KIND is http-1.1, http-1.1-parallel, http-2 (or lower)
// or http-2-exact. See client.mjs.
// What it trusts is OpenSSL's: SSL_CERT_FILE and SSL_CERT_DIR.
using System.Net;
using System.Security.Cryptography;
using System.Text;

var (kind, proxy) = (args[0], args[1]);
using var handler = new SocketsHttpHandler
{
    AllowAutoRedirect = false,
    UseProxy = proxy != "-",
    Proxy = proxy == "-" ? null : new WebProxy(proxy),
};
using var client = new HttpClient(handler) { Timeout = TimeSpan.FromSeconds(15) };
// All at once: HttpClient then opens more connections than it needs, and leaves those without a request when it ends.
var parallel = kind == "http-1.1-parallel";
var code = 0;
var calls = new List<Task<string>>();
for (var at = 0; at < args.Length / 3; at++)
{
    var call = Call(args[2 + at * 3], args[3 + at * 3], int.Parse(args[4 + at * 3]));
    calls.Add(call);
    if (!parallel) await call;
}
foreach (var text in await Task.WhenAll(calls)) Console.Write(text);
return code;

async Task<string> Call(string method, string url, int size)
{
    try
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), url);
        if (kind.StartsWith("http-2")) request.Version = HttpVersion.Version20;
        if (kind == "http-2-exact") request.VersionPolicy = HttpVersionPolicy.RequestVersionExact;
        if (size > 0) request.Content = new ByteArrayContent(Encoding.ASCII.GetBytes(new string('x', size)));
        using var answer = await client.SendAsync(request);
        var body = await answer.Content.ReadAsByteArrayAsync();
        var text = new StringBuilder($"status {(int)answer.StatusCode} {answer.Version.ToString(answer.Version.Major == 2 ? 1 : 2)}\n");
        foreach (var (name, values) in answer.Headers.NonValidated.Concat(answer.Content.Headers.NonValidated))
        {
            foreach (var value in values) text.Append($"field {name}: {value}\n");
        }
        return text.Append($"body {Convert.ToHexStringLower(SHA256.HashData(body))} {body.Length}\nend\n").ToString();
    }
    catch (Exception error)
    {
        code = 1;
        var cause = error;
        while (cause.InnerException != null) cause = cause.InnerException;
        return $"error {cause.GetType().Name} {string.Join(' ', cause.Message.Split())}\nend\n";
    }
}
