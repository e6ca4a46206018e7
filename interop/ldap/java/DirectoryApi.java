import java.io.StringReader;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.net.ssl.SSLSession;
import org.apache.directory.api.ldap.extras.extended.endTransaction.EndTransactionRequestImpl;
import org.apache.directory.api.ldap.extras.extended.pwdModify.PasswordModifyRequestImpl;
import org.apache.directory.api.ldap.extras.extended.pwdModify.PasswordModifyResponse;
import org.apache.directory.api.ldap.extras.extended.startTransaction.StartTransactionRequestImpl;
import org.apache.directory.api.ldap.extras.extended.startTransaction.StartTransactionResponse;
import org.apache.directory.api.ldap.extras.extended.whoAmI.WhoAmIRequestImpl;
import org.apache.directory.api.ldap.extras.extended.whoAmI.WhoAmIResponse;
import org.apache.directory.api.ldap.model.constants.SaslQoP;
import org.apache.directory.api.ldap.model.cursor.SearchCursor;
import org.apache.directory.api.ldap.model.entry.Attribute;
import org.apache.directory.api.ldap.model.entry.DefaultEntry;
import org.apache.directory.api.ldap.model.entry.DefaultModification;
import org.apache.directory.api.ldap.model.entry.Entry;
import org.apache.directory.api.ldap.model.entry.Modification;
import org.apache.directory.api.ldap.model.entry.ModificationOperation;
import org.apache.directory.api.ldap.model.entry.Value;
import org.apache.directory.api.ldap.model.ldif.ChangeType;
import org.apache.directory.api.ldap.model.ldif.LdifEntry;
import org.apache.directory.api.ldap.model.ldif.LdifReader;
import org.apache.directory.api.ldap.model.ldif.LdifUtils;
import org.apache.directory.api.ldap.model.message.AddRequestImpl;
import org.apache.directory.api.ldap.model.message.AliasDerefMode;
import org.apache.directory.api.ldap.model.message.BindRequestImpl;
import org.apache.directory.api.ldap.model.message.CompareRequestImpl;
import org.apache.directory.api.ldap.model.message.Control;
import org.apache.directory.api.ldap.model.message.DeleteRequestImpl;
import org.apache.directory.api.ldap.model.message.ExtendedResponse;
import org.apache.directory.api.ldap.model.message.LdapResult;
import org.apache.directory.api.ldap.model.message.ModifyDnRequestImpl;
import org.apache.directory.api.ldap.model.message.ModifyRequestImpl;
import org.apache.directory.api.ldap.model.message.Response;
import org.apache.directory.api.ldap.model.message.ResultResponse;
import org.apache.directory.api.ldap.model.message.SearchRequest;
import org.apache.directory.api.ldap.model.message.SearchRequestImpl;
import org.apache.directory.api.ldap.model.message.SearchResultEntry;
import org.apache.directory.api.ldap.model.message.SearchResultReference;
import org.apache.directory.api.ldap.model.message.SearchScope;
import org.apache.directory.api.ldap.model.name.Dn;
import org.apache.directory.api.ldap.model.url.LdapUrl;
import org.apache.directory.ldap.client.api.LdapConnectionConfig;
import org.apache.directory.ldap.client.api.LdapNetworkConnection;
import org.apache.directory.ldap.client.api.SaslCramMd5Request;
import org.apache.directory.ldap.client.api.SaslDigestMd5Request;

/** The Apache Directory LDAP API, the library inside Directory Studio, used by the calls that Studio makes. */
final class DirectoryApi implements Bridge.Client {
    private static final long TIMEOUT_MILLIS = 30_000;
    private static final Map<String, ModificationOperation> HOW = Map.of(
            "add", ModificationOperation.ADD_ATTRIBUTE,
            "delete", ModificationOperation.REMOVE_ATTRIBUTE,
            "replace", ModificationOperation.REPLACE_ATTRIBUTE);

    private final Map<String, LdapNetworkConnection> connections = new LinkedHashMap<>();

    @Override
    public Object answer(Ask ask) throws Exception {
        switch (ask.verb()) {
            case "connect":
                return connect(ask);
            case "state":
                return state(on(ask));
            case "close":
                on(ask).close();
                return state(on(ask));
            case "bind":
                return result(bind(ask));
            case "search":
                return search(ask);
            case "add":
                return add(ask, entry(ask));
            case "modify":
                return modify(ask);
            case "rename":
                return rename(ask);
            case "delete":
                return delete(ask, ask.one("dn"));
            case "compare":
                return compare(ask);
            case "who":
                return who(ask);
            case "password":
                return password(ask);
            case "start-transaction":
                return startTransaction(ask);
            case "end-transaction":
                return endTransaction(ask);
            case "import":
                return importLdif(ask);
            case "export":
                return exportLdif(ask);
            case "schema":
                return ApiSchema.load(on(ask));
            case "url":
                return url(ask);
            default:
                throw new IllegalArgumentException(ask.verb());
        }
    }

    private LdapNetworkConnection on(Ask ask) {
        return connections.get(ask.one("on", "main"));
    }

    private Object connect(Ask ask) throws Exception {
        LdapConnectionConfig config = new LdapConnectionConfig();
        config.setLdapHost(ask.one("host", "localhost"));
        config.setLdapPort(ask.number("port", 389));
        config.setTimeout(TIMEOUT_MILLIS);
        String security = ask.one("security", "none");
        config.setUseSsl(security.equals("ldaps"));
        config.setUseTls(security.equals("start-tls"));
        config.setTrustManagers(Trust.in(ask.one("ca")));
        LdapNetworkConnection connection = new LdapNetworkConnection(config);
        LdapNetworkConnection before = connections.put(ask.one("on", "main"), connection);
        if (before != null) {
            before.close();
        }
        connection.connect();
        if (security.equals("start-tls")) {
            connection.startTls();
        }
        return state(connection);
    }

    private static Map<String, Object> state(LdapNetworkConnection connection) {
        Map<String, Object> told = new LinkedHashMap<>();
        told.put("connected", connection.isConnected());
        told.put("secured", connection.isSecured());
        SSLSession session = connection.isSecured() ? connection.getSslSession() : null;
        told.put("protocol", session == null ? null : session.getProtocol());
        return told;
    }

    private ResultResponse bind(Ask ask) throws Exception {
        String mechanism = ask.one("mechanism", "simple");
        if (mechanism.equals("simple")) {
            BindRequestImpl request = new BindRequestImpl();
            if (ask.has("dn")) {
                request.setName(ask.one("dn"));
                request.setCredentials(ask.one("password"));
            }
            request.addAllControls(ApiControls.of(ask));
            return on(ask).bind(request);
        }
        if (mechanism.equals("PLAIN")) {
            return on(ask).bindSaslPlain(ask.one("user"), ask.one("password"));
        }
        if (mechanism.equals("CRAM-MD5")) {
            SaslCramMd5Request request = new SaslCramMd5Request();
            request.setUsername(ask.one("user"));
            request.setCredentials(ask.one("password"));
            return on(ask).bind(request);
        }
        SaslDigestMd5Request request = new SaslDigestMd5Request();
        request.setUsername(ask.one("user"));
        request.setCredentials(ask.one("password"));
        request.setQualityOfProtection(SaslQoP.AUTH);
        return on(ask).bind(request);
    }

    private static Map<String, Object> result(ResultResponse response) {
        Map<String, Object> told = new LinkedHashMap<>();
        LdapResult result = response.getLdapResult();
        told.put("code", result.getResultCode().getValue());
        told.put("matched", result.getMatchedDn() == null ? "" : result.getMatchedDn().getName());
        told.put("message", result.getDiagnosticMessage());
        told.put("referrals", result.isReferral() ? result.getReferral().getLdapUrls() : List.of());
        told.put("controls", ApiControls.told(response));
        return told;
    }

    private Object search(Ask ask) throws Exception {
        List<Object> entries = new ArrayList<>();
        List<Object> references = new ArrayList<>();
        try (SearchCursor cursor = on(ask).search(request(ask))) {
            while (cursor.next()) {
                Response response = cursor.get();
                if (response instanceof SearchResultEntry found) {
                    entries.add(read(found));
                } else if (response instanceof SearchResultReference reference) {
                    references.addAll(reference.getReferral().getLdapUrls());
                }
            }
            Map<String, Object> told = result(cursor.getSearchResultDone());
            told.put("entries", entries);
            told.put("references", references);
            return told;
        }
    }

    private static SearchRequest request(Ask ask) throws Exception {
        SearchRequest request = new SearchRequestImpl();
        request.setBase(new Dn(ask.one("base", "")));
        request.setFilter(ask.one("filter", "(objectClass=*)"));
        request.setScope(SearchScope.valueOf(ask.one("scope", "SUBTREE")));
        request.addAttributes(ask.all("attribute").toArray(new String[0]));
        request.setSizeLimit(ask.number("count", 0));
        request.setTimeLimit(ask.number("time", 0));
        request.setTypesOnly(ask.has("types-only"));
        request.setDerefAliases(AliasDerefMode.valueOf(ask.one("aliases", "NEVER_DEREF_ALIASES")));
        request.addAllControls(ApiControls.of(ask));
        return request;
    }

    private static Map<String, Object> read(SearchResultEntry found) {
        Map<String, Object> attributes = new LinkedHashMap<>();
        for (Attribute attribute : found.getEntry()) {
            List<Object> values = new ArrayList<>();
            for (Value value : attribute) {
                values.add(value.getBytes());
            }
            attributes.put(attribute.getUpId(), values);
        }
        Map<String, Object> told = new LinkedHashMap<>();
        told.put("dn", found.getObjectName().getName());
        told.put("attributes", attributes);
        told.put("controls", ApiControls.told(found));
        return told;
    }

    private static Entry entry(Ask ask) throws Exception {
        Entry entry = new DefaultEntry(new Dn(ask.one("dn")));
        for (String words : ask.all("value")) {
            String[] parts = Ask.parts(words);
            entry.add(parts[0], Ask.octets(parts, 1));
        }
        return entry;
    }

    private Object add(Ask ask, Entry entry) throws Exception {
        AddRequestImpl request = new AddRequestImpl();
        request.setEntry(entry);
        request.addAllControls(ApiControls.of(ask));
        return result(on(ask).add(request));
    }

    private Object modify(Ask ask) throws Exception {
        ModifyRequestImpl request = new ModifyRequestImpl();
        request.setName(new Dn(ask.one("dn")));
        for (String words : ask.all("change")) {
            String[] parts = Ask.parts(words);
            Modification change = new DefaultModification(HOW.get(parts[0]), parts[1], Ask.octets(parts, 2));
            request.addModification(change);
        }
        request.addAllControls(ApiControls.of(ask));
        return result(on(ask).modify(request));
    }

    /** As Studio does it: the new name whole, so that the superior is always sent. */
    private Object rename(Ask ask) throws Exception {
        ModifyDnRequestImpl request = new ModifyDnRequestImpl();
        Dn newName = new Dn(ask.one("new"));
        request.setName(new Dn(ask.one("dn")));
        request.setNewRdn(newName.getRdn());
        request.setNewSuperior(newName.getParent());
        request.setDeleteOldRdn(!ask.has("keep-old"));
        request.addAllControls(ApiControls.of(ask));
        return result(on(ask).modifyDn(request));
    }

    private Object delete(Ask ask, String dn) throws Exception {
        DeleteRequestImpl request = new DeleteRequestImpl();
        request.setName(new Dn(dn));
        request.addAllControls(ApiControls.of(ask));
        return result(on(ask).delete(request));
    }

    private Object compare(Ask ask) throws Exception {
        CompareRequestImpl request = new CompareRequestImpl();
        request.setName(new Dn(ask.one("dn")));
        request.setAttributeId(ask.one("attribute"));
        request.setAssertionValue(ask.one("value"));
        request.addAllControls(ApiControls.of(ask));
        return result(on(ask).compare(request));
    }

    private Object who(Ask ask) throws Exception {
        WhoAmIRequestImpl request = new WhoAmIRequestImpl();
        request.addAllControls(ApiControls.of(ask));
        WhoAmIResponse response = (WhoAmIResponse) on(ask).extended(request);
        Map<String, Object> told = result(response);
        told.put("dn", response.isDnAuthzId() ? response.getDn().getName() : null);
        return told;
    }

    private Object password(Ask ask) throws Exception {
        PasswordModifyRequestImpl request = new PasswordModifyRequestImpl();
        if (ask.has("dn")) {
            request.setUserIdentity(ask.one("dn").getBytes("UTF-8"));
        }
        if (ask.has("old")) {
            request.setOldPassword(ask.one("old").getBytes("UTF-8"));
        }
        if (ask.has("new")) {
            request.setNewPassword(ask.one("new").getBytes("UTF-8"));
        }
        request.addAllControls(ApiControls.of(ask));
        ExtendedResponse response = on(ask).extended(request);
        Map<String, Object> told = result(response);
        told.put("generated", response instanceof PasswordModifyResponse made ? made.getGenPassword() : null);
        return told;
    }

    private Object startTransaction(Ask ask) throws Exception {
        ExtendedResponse response = on(ask).extended(new StartTransactionRequestImpl());
        Map<String, Object> told = result(response);
        if (response instanceof StartTransactionResponse started && started.getTransactionId() != null) {
            told.put("transaction", Base64.getEncoder().encodeToString(started.getTransactionId()));
        }
        return told;
    }

    private Object endTransaction(Ask ask) throws Exception {
        EndTransactionRequestImpl request = new EndTransactionRequestImpl();
        request.setTransactionId(Base64.getDecoder().decode(ask.one("transaction")));
        request.setCommit(ask.has("commit"));
        return result(on(ask).extended(request));
    }

    /** One operation a record, with the controls the record names. */
    private Object importLdif(Ask ask) throws Exception {
        List<Object> outcomes = new ArrayList<>();
        try (LdifReader records = new LdifReader(new StringReader(ask.one("ldif")))) {
            for (LdifEntry record : records) {
                outcomes.add(result(carryOut(on(ask), record)));
            }
        }
        return outcomes;
    }

    private static ResultResponse carryOut(LdapNetworkConnection connection, LdifEntry record) throws Exception {
        Control[] controls = record.hasControls() ? record.getControls().values().toArray(new Control[0]) : new Control[0];
        if (record.isChangeModify()) {
            ModifyRequestImpl modify = new ModifyRequestImpl();
            modify.setName(record.getDn());
            record.getModifications().forEach(modify::addModification);
            modify.addAllControls(controls);
            return connection.modify(modify);
        }
        if (record.isChangeDelete()) {
            DeleteRequestImpl delete = new DeleteRequestImpl();
            delete.setName(record.getDn());
            delete.addAllControls(controls);
            return connection.delete(delete);
        }
        if (record.getChangeType() == ChangeType.ModDn || record.getChangeType() == ChangeType.ModRdn) {
            ModifyDnRequestImpl rename = new ModifyDnRequestImpl();
            rename.setName(record.getDn());
            rename.setNewRdn(new org.apache.directory.api.ldap.model.name.Rdn(record.getNewRdn()));
            rename.setDeleteOldRdn(record.isDeleteOldRdn());
            if (record.getNewSuperior() != null) {
                rename.setNewSuperior(new Dn(record.getNewSuperior()));
            }
            rename.addAllControls(controls);
            return connection.modifyDn(rename);
        }
        AddRequestImpl add = new AddRequestImpl();
        add.setEntry(record.getEntry());
        add.addAllControls(controls);
        return connection.add(add);
    }

    private Object exportLdif(Ask ask) throws Exception {
        StringBuilder ldif = new StringBuilder();
        try (SearchCursor cursor = on(ask).search(request(ask))) {
            while (cursor.next()) {
                if (cursor.get() instanceof SearchResultEntry found) {
                    ldif.append(LdifUtils.convertToLdif(found.getEntry())).append('\n');
                }
            }
            Map<String, Object> told = result(cursor.getSearchResultDone());
            told.put("ldif", ldif.toString());
            return told;
        }
    }

    /** What the library reads in an LDAP URL, so that a test follows referrals as Studio does. */
    private static Object url(Ask ask) throws Exception {
        LdapUrl url = new LdapUrl(ask.one("url"));
        Map<String, Object> told = new LinkedHashMap<>();
        told.put("host", url.getHost());
        told.put("port", url.getPort());
        told.put("dn", url.getDn() == null ? "" : url.getDn().getName());
        told.put("scope", url.getScope().name());
        return told;
    }
}
