import org.apache.directory.api.asn1.util.Asn1Buffer;
import org.apache.directory.api.ldap.codec.api.AbstractControlFactory;
import org.apache.directory.api.ldap.codec.api.LdapApiService;
import org.apache.directory.api.ldap.model.message.Control;
import org.apache.directory.api.ldap.model.message.controls.OpaqueControl;

/** Sends a control's value as it was given: for controls the library does not know, or sends without a value. */
final class OpaqueFactory extends AbstractControlFactory<OpaqueControl> {
    OpaqueFactory(LdapApiService codec, String oid) {
        super(codec, oid);
    }

    @Override
    public OpaqueControl newControl() {
        return new OpaqueControl(getOid());
    }

    @Override
    public void encodeValue(Asn1Buffer buffer, Control control) {
        byte[] value = ((OpaqueControl) control).getEncodedValue();
        if (value != null) {
            buffer.put(value);
        }
    }
}
