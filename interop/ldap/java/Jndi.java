import java.util.ArrayList;
import java.util.Base64;
import java.util.Hashtable;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.naming.Name;
import javax.naming.NamingException;
import javax.naming.ReferralException;
import javax.naming.directory.Attribute;
import javax.naming.directory.Attributes;
import javax.naming.directory.BasicAttribute;
import javax.naming.directory.BasicAttributes;
import javax.naming.directory.DirContext;
import javax.naming.directory.ModificationItem;
import javax.naming.directory.SearchControls;
import javax.naming.directory.SearchResult;
import javax.naming.ldap.Control;
import javax.naming.ldap.InitialLdapContext;
import javax.naming.ldap.LdapContext;
import javax.naming.ldap.LdapName;
import javax.naming.ldap.ManageReferralControl;
import javax.naming.ldap.PagedResultsControl;
import javax.naming.ldap.PagedResultsResponseControl;
import javax.naming.ldap.SortControl;
import javax.naming.ldap.SortKey;
import javax.naming.ldap.SortResponseControl;
import javax.naming.ldap.StartTlsRequest;
import javax.naming.ldap.StartTlsResponse;

/** The LDAP provider of the Java runtime, as JNDI programs use it. */
final class Jndi implements Bridge.Client {
    private final Map<String, LdapContext> contexts = new LinkedHashMap<>();
    private final Map<String, StartTlsResponse> secured = new LinkedHashMap<>();

    @Override
    public Object answer(Ask ask) throws Exception {
        try {
            return does(ask);
        } catch (NamingException refused) {
            Map<String, Object> told = new LinkedHashMap<>();
            told.put("refused", refused.getClass().getSimpleName());
            told.put("message", refused.getMessage());
            told.put("remaining", String.valueOf(refused.getRemainingName()));
            if (refused instanceof ReferralException referral) {
                told.put("referral", String.valueOf(referral.getReferralInfo()));
            }
            return told;
        }
    }

    private Object does(Ask ask) throws Exception {
        switch (ask.verb()) {
            case "connect":
                return connect(ask);
            case "again": // a bind under another name on the connection that is there
                on(ask).addToEnvironment(DirContext.SECURITY_PRINCIPAL, ask.one("dn"));
                on(ask).addToEnvironment(DirContext.SECURITY_CREDENTIALS, ask.one("password"));
                on(ask).reconnect(null);
                return true;
            case "end-tls":
                secured.remove(ask.one("on", "main")).close();
                return true;
            case "close":
                on(ask).close();
                return true;
            case "search":
                return search(ask);
            case "read":
                return read(on(ask).getAttributes(name(ask.one("dn")), ask.all("attribute").toArray(new String[0])));
            case "list":
                return list(ask);
            case "add":
                on(ask).createSubcontext(name(ask.one("dn")), attributes(ask)).close();
                return true;
            case "modify":
                on(ask).modifyAttributes(name(ask.one("dn")), changes(ask));
                return true;
            case "rename":
                on(ask).addToEnvironment("java.naming.ldap.deleteRDN", String.valueOf(!ask.has("keep-old")));
                on(ask).rename(name(ask.one("dn")), name(ask.one("new")));
                return true;
            case "delete":
                on(ask).destroySubcontext(name(ask.one("dn")));
                return true;
            case "schema":
                return schema(ask);
            case "pooled":
                return pooled(ask);
            default:
                throw new IllegalArgumentException(ask.verb());
        }
    }

    private LdapContext on(Ask ask) {
        return contexts.get(ask.one("on", "main"));
    }

    private static Name name(String text) throws NamingException {
        return new LdapName(text);
    }

    private static Hashtable<String, Object> environment(Ask ask) throws Exception {
        Hashtable<String, Object> environment = new Hashtable<>();
        environment.put(DirContext.INITIAL_CONTEXT_FACTORY, "com.sun.jndi.ldap.LdapCtxFactory");
        environment.put(DirContext.PROVIDER_URL, ask.one("url"));
        environment.put(DirContext.REFERRAL, ask.one("referral", "ignore"));
        environment.put("com.sun.jndi.ldap.read.timeout", "30000");
        environment.put("java.naming.ldap.derefAliases", ask.one("aliases", "never"));
        environment.put("java.naming.ldap.attributes.binary", "userSMIMECertificate jpegPhoto");
        // What a JNDI program does to trust an authority of its own: a socket factory by its name.
        if (ask.one("url").startsWith("ldaps:")) {
            TrustedSockets.trust(ask.one("ca"));
            environment.put("java.naming.ldap.factory.socket", TrustedSockets.class.getName());
        }
        return environment;
    }

    private Object connect(Ask ask) throws Exception {
        Hashtable<String, Object> environment = environment(ask);
        boolean startTls = ask.has("start-tls");
        if (!startTls) {
            credentials(environment, ask);
        }
        LdapContext context = new InitialLdapContext(environment, null);
        contexts.put(ask.one("on", "main"), context);
        if (startTls) {
            StartTlsResponse tls = (StartTlsResponse) context.extendedOperation(new StartTlsRequest());
            secured.put(ask.one("on", "main"), tls);
            String protocol = tls.negotiate(Trust.context(ask.one("ca")).getSocketFactory()).getProtocol();
            Hashtable<String, Object> more = new Hashtable<>();
            credentials(more, ask);
            for (Map.Entry<String, Object> each : more.entrySet()) {
                context.addToEnvironment(each.getKey(), each.getValue());
            }
            context.reconnect(null);
            return protocol;
        }
        return true;
    }

    private static void credentials(Hashtable<String, Object> environment, Ask ask) {
        environment.put(DirContext.SECURITY_AUTHENTICATION, ask.has("dn") ? ask.one("mechanism", "simple") : "none");
        if (ask.has("dn")) {
            environment.put(DirContext.SECURITY_PRINCIPAL, ask.one("dn"));
            environment.put(DirContext.SECURITY_CREDENTIALS, ask.one("password"));
        }
    }

    private Object search(Ask ask) throws Exception {
        LdapContext context = on(ask);
        context.setRequestControls(controls(ask));
        SearchControls how = new SearchControls();
        how.setSearchScope(Map.of("base", 0, "one", 1, "sub", 2).get(ask.one("scope", "sub")));
        how.setCountLimit(ask.number("count", 0));
        if (ask.has("attribute")) {
            how.setReturningAttributes(ask.all("attribute").toArray(new String[0]));
        }
        List<Object> entries = new ArrayList<>();
        Map<String, Object> told = new LinkedHashMap<>();
        try {
            var results = context.search(name(ask.one("base")), ask.one("filter", "(objectClass=*)"), how);
            while (results.hasMore()) {
                SearchResult result = results.next();
                // A result by a referral has an LDAP URL for a name.
                String written = result.isRelative() ? result.getNameInNamespace() : result.getName();
                entries.add(Map.of("dn", written, "attributes", read(result.getAttributes())));
            }
        } catch (NamingException ended) {
            told.put("refused", ended.getClass().getSimpleName());
            told.put("message", ended.getMessage());
            if (ended instanceof ReferralException referral) {
                told.put("referral", String.valueOf(referral.getReferralInfo()));
            }
        } finally {
            told.put("entries", entries);
            told.put("controls", told(context.getResponseControls()));
            context.setRequestControls(null);
        }
        return told;
    }

    private static Control[] controls(Ask ask) throws Exception {
        List<Control> controls = new ArrayList<>();
        for (String words : ask.all("control")) {
            String[] parts = Ask.parts(words);
            switch (parts[0]) {
                case "manage":
                    controls.add(new ManageReferralControl());
                    break;
                case "page": // page SIZE [COOKIE]
                    byte[] cookie = parts.length > 2 ? Base64.getDecoder().decode(parts[2]) : null;
                    controls.add(new PagedResultsControl(Integer.parseInt(parts[1]), cookie, Control.CRITICAL));
                    break;
                case "sort": // sort [-]ATTRIBUTE…
                    List<SortKey> keys = new ArrayList<>();
                    for (int at = 1; at < parts.length; at++) {
                        boolean down = parts[at].startsWith("-");
                        keys.add(new SortKey(parts[at].substring(down ? 1 : 0), !down, null));
                    }
                    controls.add(new SortControl(keys.toArray(new SortKey[0]), Control.CRITICAL));
                    break;
                default:
                    throw new IllegalArgumentException(parts[0]);
            }
        }
        return controls.isEmpty() ? null : controls.toArray(new Control[0]);
    }

    private static Map<String, Object> told(Control[] controls) throws Exception {
        Map<String, Object> all = new LinkedHashMap<>();
        for (Control control : controls == null ? new Control[0] : controls) {
            if (control instanceof PagedResultsResponseControl page) {
                byte[] cookie = page.getCookie();
                all.put("page", cookie == null ? "" : Base64.getEncoder().encodeToString(cookie));
            } else if (control instanceof SortResponseControl sort) {
                all.put("sorted", sort.isSorted());
            } else {
                all.put(control.getID(), control.getClass().getSimpleName());
            }
        }
        return all;
    }

    private static Map<String, Object> read(Attributes attributes) throws NamingException {
        Map<String, Object> told = new LinkedHashMap<>();
        for (var all = attributes.getAll(); all.hasMore();) {
            Attribute attribute = all.next();
            List<Object> values = new ArrayList<>();
            for (var each = attribute.getAll(); each.hasMore();) {
                values.add(each.next());
            }
            told.put(attribute.getID(), values);
        }
        return told;
    }

    private Object list(Ask ask) throws Exception {
        List<Object> names = new ArrayList<>();
        for (var all = on(ask).list(name(ask.one("dn"))); all.hasMore();) {
            names.add(all.next().getNameInNamespace());
        }
        return names;
    }

    private static Attributes attributes(Ask ask) {
        Attributes attributes = new BasicAttributes(true);
        for (String words : ask.all("value")) {
            attributes.put(attribute(Ask.parts(words), 0));
        }
        return attributes;
    }

    private static Attribute attribute(String[] parts, int from) {
        Attribute attribute = new BasicAttribute(parts[from]);
        for (byte[] value : Ask.octets(parts, from + 1)) {
            attribute.add(value);
        }
        return attribute;
    }

    private static ModificationItem[] changes(Ask ask) {
        List<ModificationItem> changes = new ArrayList<>();
        Map<String, Integer> how = Map.of("add", DirContext.ADD_ATTRIBUTE, "delete", DirContext.REMOVE_ATTRIBUTE,
                "replace", DirContext.REPLACE_ATTRIBUTE);
        for (String words : ask.all("change")) {
            String[] parts = Ask.parts(words);
            changes.add(new ModificationItem(how.get(parts[0]), attribute(parts, 1)));
        }
        return changes.toArray(new ModificationItem[0]);
    }

    /** The schema tree as JNDI shows it: what one class must have. */
    private Object schema(Ask ask) throws Exception {
        DirContext schema = on(ask).getSchema("");
        Map<String, Object> told = new LinkedHashMap<>();
        told.put("class", read(schema.getAttributes("ClassDefinition/" + ask.one("class"))));
        told.put("type", read(schema.getAttributes("AttributeDefinition/" + ask.one("type"))));
        return told;
    }

    /** Binds many times with pooling, under several names in turn; how many contexts saw their own entry. */
    private Object pooled(Ask ask) throws Exception {
        int seen = 0;
        for (int round = 0; round < ask.number("rounds", 1); round++) {
            for (String who : ask.all("who")) {
                Hashtable<String, Object> environment = environment(ask);
                environment.put("com.sun.jndi.ldap.connect.pool", "true");
                environment.put(DirContext.SECURITY_AUTHENTICATION, "simple");
                environment.put(DirContext.SECURITY_PRINCIPAL, who);
                environment.put(DirContext.SECURITY_CREDENTIALS, ask.one("password"));
                DirContext context = new InitialLdapContext(environment, null);
                try {
                    context.getAttributes(name(who), new String[] {"cn"});
                    seen++;
                } finally {
                    context.close();
                }
            }
        }
        return seen;
    }
}
