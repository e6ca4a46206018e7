import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** One line from the test: what to do and with what, as a query string (verb=search&base=…). */
final class Ask {
    private final Map<String, List<String>> words = new LinkedHashMap<>();

    Ask(String line) {
        for (String pair : line.split("&")) {
            int equals = pair.indexOf('=');
            String name = decode(pair.substring(0, equals));
            words.computeIfAbsent(name, unused -> new ArrayList<>()).add(decode(pair.substring(equals + 1)));
        }
    }

    private static String decode(String text) {
        return URLDecoder.decode(text, StandardCharsets.UTF_8);
    }

    String verb() {
        return one("verb");
    }

    boolean has(String name) {
        return words.containsKey(name);
    }

    /** The only value of a name that must be there. */
    String one(String name) {
        return all(name).get(0);
    }

    String one(String name, String otherwise) {
        return has(name) ? one(name) : otherwise;
    }

    int number(String name, int otherwise) {
        return has(name) ? Integer.parseInt(one(name)) : otherwise;
    }

    List<String> all(String name) {
        return words.getOrDefault(name, List.of());
    }

    /** A value written as words parted by single spaces. */
    static String[] parts(String text) {
        return text.split(" ", -1);
    }

    /** The octets of the words from an index on, each in base64. */
    static byte[][] octets(String[] parts, int from) {
        byte[][] values = new byte[parts.length - from][];
        for (int at = from; at < parts.length; at++) {
            values[at - from] = Base64.getDecoder().decode(parts[at]);
        }
        return values;
    }
}
