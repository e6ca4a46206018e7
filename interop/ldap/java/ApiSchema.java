import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.directory.api.ldap.model.schema.AttributeType;
import org.apache.directory.api.ldap.model.schema.ObjectClass;
import org.apache.directory.api.ldap.model.schema.SchemaManager;
import org.apache.directory.api.ldap.schema.manager.impl.DefaultSchemaManager;
import org.apache.directory.ldap.client.api.DefaultSchemaLoader;
import org.apache.directory.ldap.client.api.LdapNetworkConnection;

/** The subschema as the library's own loader takes it in, and what it finds wrong with it. */
final class ApiSchema {
    private ApiSchema() {
    }

    static Object load(LdapNetworkConnection connection) throws Exception {
        SchemaManager schema = new DefaultSchemaManager(new DefaultSchemaLoader(connection));
        schema.loadAllEnabled();
        Map<String, Object> told = new LinkedHashMap<>();
        List<String> complaints = new ArrayList<>();
        for (Throwable complaint : schema.getErrors()) {
            complaints.add(complaint.getClass().getSimpleName() + ": " + complaint.getMessage());
        }
        told.put("complaints", complaints);
        Map<String, Object> types = new LinkedHashMap<>();
        for (AttributeType type : schema.getAttributeTypeRegistry()) {
            Map<String, Object> facts = new LinkedHashMap<>();
            facts.put("syntax", type.getSyntax() == null ? null : type.getSyntax().getOid());
            facts.put("equality", type.getEquality() == null ? null : type.getEquality().getName());
            facts.put("operational", type.isOperational());
            facts.put("modifiable", type.isUserModifiable());
            facts.put("single", type.isSingleValued());
            types.put(type.getName(), facts);
        }
        told.put("types", types);
        Map<String, Object> classes = new LinkedHashMap<>();
        for (ObjectClass kind : schema.getObjectClassRegistry()) {
            Map<String, Object> facts = new LinkedHashMap<>();
            facts.put("kind", kind.getType().toString());
            facts.put("must", kind.getMustAttributeTypeOids());
            facts.put("may", kind.getMayAttributeTypeOids());
            classes.put(kind.getName(), facts);
        }
        told.put("classes", classes);
        return told;
    }
}
