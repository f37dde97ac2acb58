// dotnet dotnet-client.dll KIND PROXY [METHOD URL BYTES]...: KIND is http-1.1, http-2 (or lower) or http-2-exact. See client.mjs.
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
var code = 0;
for (var at = 2; at < args.Length; at += 3)
{
    try
    {
        using var request = new HttpRequestMessage(new HttpMethod(args[at]), args[at + 1]);
        if (kind != "http-1.1") request.Version = HttpVersion.Version20;
        if (kind == "http-2-exact") request.VersionPolicy = HttpVersionPolicy.RequestVersionExact;
        var size = int.Parse(args[at + 2]);
        if (size > 0) request.Content = new ByteArrayContent(Encoding.ASCII.GetBytes(new string('x', size)));
        using var answer = await client.SendAsync(request);
        var body = await answer.Content.ReadAsByteArrayAsync();
        var text = new StringBuilder($"status {(int)answer.StatusCode} {answer.Version.ToString(answer.Version.Major == 2 ? 1 : 2)}\n");
        foreach (var (name, values) in answer.Headers.NonValidated.Concat(answer.Content.Headers.NonValidated))
        {
            foreach (var value in values) text.Append($"field {name}: {value}\n");
        }
        text.Append($"body {Convert.ToHexStringLower(SHA256.HashData(body))} {body.Length}\nend\n");
        Console.Write(text);
    }
    catch (Exception error)
    {
        code = 1;
        var cause = error;
        while (cause.InnerException != null) cause = cause.InnerException;
        Console.Write($"error {cause.GetType().Name} {string.Join(' ', cause.Message.Split())}\nend\n");
    }
}
return code;
