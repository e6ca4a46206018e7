import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.directory.api.ldap.codec.api.LdapApiService;
import org.apache.directory.api.ldap.codec.api.LdapApiServiceFactory;
import org.apache.directory.api.ldap.extras.controls.ad.TreeDeleteImpl;
import org.apache.directory.api.ldap.extras.controls.permissiveModify.PermissiveModifyImpl;
import org.apache.directory.api.ldap.extras.controls.ppolicy.PasswordPolicyRequestImpl;
import org.apache.directory.api.ldap.extras.controls.ppolicy.PasswordPolicyResponse;
import org.apache.directory.api.ldap.extras.controls.vlv.VirtualListViewRequestImpl;
import org.apache.directory.api.ldap.extras.controls.vlv.VirtualListViewResponse;
import org.apache.directory.api.ldap.model.message.Control;
import org.apache.directory.api.ldap.model.message.Message;
import org.apache.directory.api.ldap.model.message.controls.ManageDsaITImpl;
import org.apache.directory.api.ldap.model.message.controls.OpaqueControl;
import org.apache.directory.api.ldap.model.message.controls.PagedResults;
import org.apache.directory.api.ldap.model.message.controls.PagedResultsImpl;
import org.apache.directory.api.ldap.model.message.controls.ProxiedAuthzImpl;
import org.apache.directory.api.ldap.model.message.controls.SortKey;
import org.apache.directory.api.ldap.model.message.controls.SortRequestImpl;
import org.apache.directory.api.ldap.model.message.controls.SortResponse;
import org.apache.directory.api.ldap.model.message.controls.SubentriesImpl;

/** Controls from words of a test, and what came back with a response, by the library's own codec. */
final class ApiControls {
    private ApiControls() {
    }

    static Control[] of(Ask ask) {
        List<Control> controls = new ArrayList<>();
        for (String words : ask.all("control")) {
            controls.add(one(Ask.parts(words)));
        }
        return controls.toArray(new Control[0]);
    }

    private static Control one(String[] words) {
        switch (words[0]) {
            case "manage":
                return new ManageDsaITImpl();
            case "subentries":
                SubentriesImpl subentries = new SubentriesImpl();
                subentries.setVisibility(true);
                return subentries;
            case "page": // page SIZE [COOKIE]
                PagedResultsImpl page = new PagedResultsImpl();
                page.setSize(Integer.parseInt(words[1]));
                page.setCookie(words.length > 2 ? Base64.getDecoder().decode(words[2]) : new byte[0]);
                return page;
            case "sort": // sort [-]ATTRIBUTE…
                SortRequestImpl sort = new SortRequestImpl();
                for (int at = 1; at < words.length; at++) {
                    boolean reverse = words[at].startsWith("-");
                    sort.addSortKey(new SortKey(words[at].substring(reverse ? 1 : 0), null, reverse));
                }
                return sort;
            case "view": // view BEFORE AFTER OFFSET
                VirtualListViewRequestImpl view = new VirtualListViewRequestImpl();
                view.setBeforeCount(Integer.parseInt(words[1]));
                view.setAfterCount(Integer.parseInt(words[2]));
                view.setOffset(Integer.parseInt(words[3]));
                view.setCritical(true);
                return view;
            case "tree-delete":
                return new TreeDeleteImpl();
            case "permissive":
                return new PermissiveModifyImpl();
            case "password-policy":
                return new PasswordPolicyRequestImpl();
            case "proxied": // proxied AUTHZID
                ProxiedAuthzImpl proxied = new ProxiedAuthzImpl();
                proxied.setAuthzId(words[1]);
                proxied.setCritical(true);
                return proxied;
            case "transaction": // transaction IDENTIFIER; the library's own control is sent without its value
                return opaque("1.3.6.1.1.21.2", true, words[1]);
            default: // OID CRITICAL [VALUE]
                return opaque(words[0], Boolean.parseBoolean(words[1]), words.length > 2 ? words[2] : null);
        }
    }

    private static Control opaque(String oid, boolean critical, String value) {
        LdapApiService codec = LdapApiServiceFactory.getSingleton();
        codec.registerRequestControl(new OpaqueFactory(codec, oid));
        OpaqueControl control = new OpaqueControl(oid, critical);
        if (value != null) {
            control.setEncodedValue(Base64.getDecoder().decode(value));
        }
        return control;
    }

    /** The controls of a response by OID. */
    static Map<String, Object> told(Message response) {
        Map<String, Object> all = new LinkedHashMap<>();
        for (Control control : response.getControls().values()) {
            all.put(control.getOid(), fields(control));
        }
        return all;
    }

    private static Map<String, Object> fields(Control control) {
        Map<String, Object> fields = new LinkedHashMap<>();
        if (control instanceof PagedResults page) {
            byte[] cookie = page.getCookie();
            fields.put("size", page.getSize());
            fields.put("cookie", cookie == null ? "" : Base64.getEncoder().encodeToString(cookie));
        } else if (control instanceof SortResponse sorted) {
            fields.put("result", sorted.getSortResult().toString());
            fields.put("attribute", sorted.getAttributeName());
        } else if (control instanceof VirtualListViewResponse view) {
            fields.put("position", view.getTargetPosition());
            fields.put("count", view.getContentCount());
            fields.put("result", view.getVirtualListViewResult().toString());
        } else if (control instanceof PasswordPolicyResponse policy) {
            fields.put("error", policy.getPasswordPolicyError());
            fields.put("grace", policy.getGraceAuthNRemaining());
            fields.put("expires", policy.getTimeBeforeExpiration());
        } else {
            fields.put("class", control.getClass().getSimpleName());
        }
        return fields;
    }
}
