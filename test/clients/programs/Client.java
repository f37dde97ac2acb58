// java -cp FOLDER Client KIND PROXY [METHOD URL BYTES]...: KIND is url-connection, http-client or http-client-1. See client.mjs.
// -Dtrust=FILE names the PEM of what to trust; without it the JDK's own store is used.
import java.io.FileInputStream;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.security.KeyStore;
import java.security.MessageDigest;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import javax.net.ssl.HttpsURLConnection;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

public class Client {
    static InetSocketAddress proxy;
    static SSLContext tls;
    static HttpClient client;

    public static void main(String[] words) throws Exception {
        if (!words[1].equals("-")) {
            URI uri = URI.create(words[1]);
            proxy = new InetSocketAddress(uri.getHost(), uri.getPort());
        }
        tls = makeTls();
        int code = 0;
        for (int at = 2; at < words.length; at += 3) {
            byte[] body = new byte[Integer.parseInt(words[at + 2])];
            Arrays.fill(body, (byte) 'x');
            try {
                call(words[0], words[at], URI.create(words[at + 1]), body);
            } catch (Exception error) {
                code = 1;
                Throwable cause = error;
                while (cause.getCause() != null) cause = cause.getCause();
                System.out.println("error " + cause.getClass().getSimpleName() + " " + String.valueOf(cause.getMessage()).replaceAll("\\s+", " "));
                System.out.println("end");
            }
        }
        System.exit(code);
    }

    static SSLContext makeTls() throws Exception {
        String file = System.getProperty("trust");
        if (file == null) return SSLContext.getDefault();
        KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null, null);
        try (InputStream pem = new FileInputStream(file)) {
            int number = 0;
            for (Certificate one : CertificateFactory.getInstance("X.509").generateCertificates(pem)) {
                store.setCertificateEntry("ca" + number++, one);
            }
        }
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(store);
        SSLContext made = SSLContext.getInstance("TLS");
        made.init(null, trust.getTrustManagers(), null);
        return made;
    }

    static void call(String kind, String method, URI uri, byte[] body) throws Exception {
        if (kind.equals("url-connection")) byUrlConnection(method, uri, body);
        else byHttpClient(kind, method, uri, body);
    }

    static void byUrlConnection(String method, URI uri, byte[] body) throws Exception {
        Proxy via = proxy == null ? Proxy.NO_PROXY : new Proxy(Proxy.Type.HTTP, proxy);
        HttpURLConnection connection = (HttpURLConnection) uri.toURL().openConnection(via);
        if (connection instanceof HttpsURLConnection https) https.setSSLSocketFactory(tls.getSocketFactory());
        connection.setRequestMethod(method);
        connection.setInstanceFollowRedirects(false);
        connection.setConnectTimeout(15_000);
        connection.setReadTimeout(15_000);
        if (body.length > 0) {
            connection.setDoOutput(true);
            connection.setFixedLengthStreamingMode(body.length);
            connection.getOutputStream().write(body);
        }
        int status = connection.getResponseCode();
        InputStream stream = status >= 400 ? connection.getErrorStream() : connection.getInputStream();
        byte[] answer = stream == null ? new byte[0] : stream.readAllBytes();
        StringBuilder fields = new StringBuilder();
        for (int at = 0; ; at++) {
            String value = connection.getHeaderField(at);
            if (value == null) break;
            if (connection.getHeaderFieldKey(at) != null) fields.append("field " + connection.getHeaderFieldKey(at) + ": " + value + "\n");
        }
        String line = connection.getHeaderField(0);
        print(status, line.substring(5, 8), fields, answer);
    }

    static void byHttpClient(String kind, String method, URI uri, byte[] body) throws Exception {
        if (client == null) {
            HttpClient.Builder builder = HttpClient.newBuilder().sslContext(tls).connectTimeout(Duration.ofSeconds(15));
            if (kind.equals("http-client-1")) builder.version(HttpClient.Version.HTTP_1_1);
            client = builder.proxy(proxy == null ? HttpClient.Builder.NO_PROXY : ProxySelector.of(proxy)).build();
        }
        HttpRequest.BodyPublisher sent = body.length == 0 ? HttpRequest.BodyPublishers.noBody() : HttpRequest.BodyPublishers.ofByteArray(body);
        HttpRequest request = HttpRequest.newBuilder(uri).method(method, sent).timeout(Duration.ofSeconds(15)).build();
        HttpResponse<byte[]> answer = client.send(request, HttpResponse.BodyHandlers.ofByteArray());
        StringBuilder fields = new StringBuilder();
        for (Map.Entry<String, List<String>> one : answer.headers().map().entrySet()) {
            for (String value : one.getValue()) fields.append("field " + one.getKey() + ": " + value + "\n");
        }
        print(answer.statusCode(), answer.version() == HttpClient.Version.HTTP_2 ? "2" : "1.1", fields, answer.body());
    }

    static void print(int status, String version, CharSequence fields, byte[] body) throws Exception {
        String sum = HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(body));
        System.out.print("status " + status + " " + version + "\n" + fields + "body " + sum + " " + body.length + "\nend\n");
        System.out.flush();
    }
}
