import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/** Does what it reads line by line with one client library, and answers each line with a line of JSON. */
public final class Bridge {
    /** A client library. */
    interface Client {
        /** Does it; what came of it, for {@link Json}. */
        Object answer(Ask ask) throws Exception;
    }

    private Bridge() {
    }

    /** The argument names the library: api (Apache Directory LDAP API) or jndi. */
    public static void main(String[] arguments) throws IOException {
        PrintStream answers = new PrintStream(System.out, true, StandardCharsets.US_ASCII);
        System.setOut(System.err); // what a library prints is no answer
        Client client = arguments[0].equals("api") ? new DirectoryApi() : new Jndi();
        BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            answers.println(Json.of(answer(client, new Ask(line))));
        }
        System.exit(0);
    }

    private static Object answer(Client client, Ask ask) {
        try {
            return client.answer(ask);
        } catch (Exception | LinkageError failed) {
            failed.printStackTrace();
            Map<String, Object> told = new LinkedHashMap<>();
            told.put("failure", failed.getClass().getSimpleName());
            told.put("message", failed.getMessage());
            return told;
        }
    }
}
